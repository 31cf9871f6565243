package org.tbptt.model.train;

import java.time.Duration;

/**
 * When a checkpoint is due: inside an epoch after the interval, and after each epoch unless
 * checkpoints would then take more than a hundredth of the time. Epochs can be shorter than it
 * takes to save one.
 */
final class CheckpointPace {

  private static final double LARGEST_SHARE = 0.01;

  private final double interval;
  private final double started;
  private double lastSaved;
  private double secondsSaving;
  private double longest;

  /**
   * @param interval between two checkpoints inside an epoch
   * @param now seconds of any clock that only goes forward, as in the other calls
   */
  CheckpointPace(Duration interval, double now) {
    this.interval = interval.toNanos() / 1e9;
    this.started = now;
    this.lastSaved = now;
  }

  boolean dueInsideEpoch(double now) {
    return now - lastSaved >= interval;
  }

  boolean dueAfterEpoch(double now) {
    return dueInsideEpoch(now) || secondsSaving + longest <= LARGEST_SHARE * (now - started);
  }

  /** One was saved. */
  void saved(double from, double to) {
    lastSaved = to;
    secondsSaving += to - from;
    longest = Math.max(longest, to - from);
  }

  /** All savings together. */
  double secondsSaving() {
    return secondsSaving;
  }
}
