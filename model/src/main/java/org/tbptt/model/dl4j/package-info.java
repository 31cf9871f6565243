/** DL4J's own training as an engine, for comparison. */
package org.tbptt.model.dl4j;
