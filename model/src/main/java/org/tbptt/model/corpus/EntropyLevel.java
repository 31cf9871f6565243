package org.tbptt.model.corpus;

/**
 * The loss of a network that has learned one part of the toy data and no more.
 *
 * @param learned that part, such as "neither lag", "lag 3 only" or "lags 3 and 8"
 * @param natsPerToken the expected cross-entropy
 */
public record EntropyLevel(String learned, double natsPerToken) {}
