/**
 * The network in DL4J's layers: to hand a trained one over, and to train it there. Imports core.
 */
package org.tbptt.model.dl4j;
