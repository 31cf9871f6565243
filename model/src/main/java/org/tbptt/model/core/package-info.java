/**
 * What an engine is: the network, the contract {@link org.tbptt.model.core.RnnCore}, its state and
 * its parameters.
 */
package org.tbptt.model.core;
