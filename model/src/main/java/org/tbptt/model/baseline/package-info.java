/**
 * What a corpus can be predicted with without a network: what a trial's loss is to be compared
 * with. Depends on corpus.
 */
package org.tbptt.model.baseline;
