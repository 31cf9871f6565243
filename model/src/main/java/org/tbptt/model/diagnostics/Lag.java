package org.tbptt.model.diagnostics;

import java.io.Serializable;

/**
 * The norms of the errors at one lag, mean over the held windows.
 *
 * @param lag k, in steps: 0 is a loss's own step
 * @param phi mean over (t,b) of |dloss_t/dh_{t-k}|_2, nats per token; h is h of every layer and an
 *     LSTM's c, at lag 0 h of the last layer
 * @param wL1 L1 norm of lag k's part of the gradient of W
 * @param wL2 its L2 norm
 */
public record Lag(int lag, double phi, double wL1, double wL2) implements Serializable {}
