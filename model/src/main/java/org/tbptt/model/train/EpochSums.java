package org.tbptt.model.train;

import java.io.Serializable;
import org.tbptt.model.core.StepResult;

/**
 * The sums over the windows of a running epoch.
 *
 * @param epoch 1 for the first
 * @param windows trained so far
 * @param losses sum over the counted targets of their loss, nats
 * @param counted targets that are not padding
 * @param gradientNorms sum over windows of the L2 norm of all gradients together, before clipping
 * @param clipped windows whose gradient was clipped
 * @param seconds of training
 */
public record EpochSums(
    int epoch,
    int windows,
    double losses,
    long counted,
    double gradientNorms,
    int clipped,
    double seconds)
    implements Serializable {

  /** The start of an epoch. */
  static EpochSums before(int epoch) {
    return new EpochSums(epoch, 0, 0, 0, 0, 0, 0);
  }

  /** Adds one window, which took this many seconds. */
  EpochSums plus(StepResult step, double took) {
    return new EpochSums(
        epoch,
        windows + 1,
        losses + step.loss() * step.counted(),
        counted + step.counted(),
        gradientNorms + step.gradientNorm(),
        clipped + (step.clipped() ? 1 : 0),
        seconds + took);
  }
}
