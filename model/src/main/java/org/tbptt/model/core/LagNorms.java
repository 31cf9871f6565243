package org.tbptt.model.core;

/**
 * Norms of the errors by the distance that they have gone back; element k of each array is lag k. A
 * lag that no error of the window reaches is 0.
 *
 * @param phi mean, over the losses whose step t-k is reached, of |dloss_t/dh_{t-k}|_2, each loss on
 *     its own (not divided by how many there are); h is the last layer's at lag 0, and from lag 1
 *     on all that step t-k hands on: h of every layer, and an LSTM's c
 * @param weightL1 L1 norm of the part of dloss/dW at lag k, of the mean loss, all layers together
 * @param weightL2 its L2 norm
 */
@SuppressWarnings("ArrayRecordComponent") // read once; never compared
public record LagNorms(double[] phi, double[] weightL1, double[] weightL2) {}
