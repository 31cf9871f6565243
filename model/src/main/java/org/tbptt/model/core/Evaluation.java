package org.tbptt.model.core;

/**
 * What an evaluation of one window gives.
 *
 * @param lossSum sum of the losses of the counted targets, nats
 * @param counted targets that are not padding
 */
public record Evaluation(double lossSum, long counted) {

  /** Nats per token; not a number where no target is counted. */
  public double meanLoss() {
    return lossSum / counted;
  }
}
