package org.tbptt.model.core;

/**
 * The result of evaluating one window.
 *
 * @param lossSum sum of the losses of the counted targets, nats
 * @param counted targets that are not padding
 */
public record Evaluation(double lossSum, long counted) {

  /** Nats per token; NaN if no target is counted. */
  public double meanLoss() {
    return lossSum / counted;
  }
}
