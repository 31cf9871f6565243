package org.tbptt.model.train;

import java.io.Serializable;

/**
 * The metrics of one epoch.
 *
 * @param epoch 1 for the first
 * @param bpttSteps n that was in use, which the style adaptive chooses anew for each epoch
 * @param biasBound for adaptive, the bound on the relative bias of the gradient truncated after n
 *     steps, from the measurement before the epoch; NaN if there is no bound
 * @param trainLoss mean over the epoch's windows as they were trained, with dropout; nats per token
 * @param validLoss after the epoch, without dropout; nats per token, NaN if the trial diverged
 * @param gradientNorm mean over windows of the L2 norm of all gradients together, before clipping
 * @param clippedShare share of windows whose gradient was clipped, 0 to 1
 * @param updateNorm L2 norm of the epoch's change of all parameters together
 * @param tokens trained on
 * @param seconds of training, validation not included
 */
public record EpochMetrics(
    int epoch,
    int bpttSteps,
    double biasBound,
    double trainLoss,
    double validLoss,
    double gradientNorm,
    double clippedShare,
    double updateNorm,
    long tokens,
    double seconds)
    implements Serializable {

  /** exp of the validation loss. */
  public double validPerplexity() {
    return Math.exp(validLoss);
  }

  public double tokensPerSecond() {
    return tokens / seconds;
  }
}
