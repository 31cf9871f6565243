package org.tbptt.model.train;

import java.time.Duration;

/**
 * When a checkpoint is due: inside an epoch after the interval, and after each epoch unless
 * checkpoints would then take more than 1% of the time, since an epoch can be shorter than saving a
 * checkpoint.
 */
final class CheckpointPace {

  private static final double LARGEST_SHARE = 0.01;
  // Of the first, whose time is not known: what is trained within a second is soon trained again.
  private static final double EXPECTED_SECONDS = 0.01;

  private final double interval;
  private final double started;
  private double lastSaved;
  private double secondsSaving;
  private double longest = EXPECTED_SECONDS;

  /**
   * @param interval between two checkpoints inside an epoch
   * @param now seconds of any monotonic clock, the same in all calls
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

  /** A checkpoint was saved. */
  void saved(double from, double to) {
    lastSaved = to;
    secondsSaving += to - from;
    longest = Math.max(longest, to - from);
  }

  /** Seconds spent on all checkpoints together. */
  double secondsSaving() {
    return secondsSaving;
  }
}
