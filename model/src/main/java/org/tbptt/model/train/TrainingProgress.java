package org.tbptt.model.train;

import java.io.Serializable;

/**
 * How far a trial has come.
 *
 * @param epoch the one that is being trained, from 1
 * @param epochs asked for
 * @param window trained in this epoch
 * @param windows of an epoch
 * @param trainLoss mean over this epoch's windows so far, nats per token; NaN before the first
 * @param tokensPerSecond of this epoch's training so far; NaN before the first window
 */
public record TrainingProgress(
    int epoch, int epochs, int window, int windows, double trainLoss, double tokensPerSecond)
    implements Serializable {

  /** The completed share of the whole training, 0 to 1. */
  public double share() {
    return (epoch - 1 + (double) window / windows) / epochs;
  }
}
