package org.tbptt.model.corpus;

/**
 * The loss that a network comes to once it has learned a part of the toy data and no more.
 *
 * @param learned that part, such as "neither lag", "lag 3 only" or "lags 3 and 8"
 * @param natsPerToken the expected cross-entropy
 */
public record EntropyLevel(String learned, double natsPerToken) {}
