package org.tbptt.model.core;

/**
 * Norms of the errors by the distance that they have gone back; element k of each array is lag k. A
 * lag that no error of the window reaches is 0.
 *
 * @param phi mean, over the losses whose step t-k is reached, of |dloss_t/dh_{t-k}|_2, of each loss
 *     separately (not divided by their number)
 * @param weightL1 L1 norm of the part of dloss/dW at lag k, of the mean loss
 * @param weightL2 its L2 norm
 */
@SuppressWarnings("ArrayRecordComponent") // read once; never compared
public record LagNorms(double[] phi, double[] weightL1, double[] weightL2) {}
