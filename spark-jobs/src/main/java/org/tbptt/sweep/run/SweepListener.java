package org.tbptt.sweep.run;

import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.sweep.results.TrialResult;

/** Hears of a sweep's progress, on the driver's own thread. */
public interface SweepListener {

  /**
   * The sweep begins.
   *
   * @param slots trials that train at the same time; 0 if that is not known, because no executor is
   *     there yet or they come and go
   */
  void started(Plan plan, int slots);

  /**
   * A trial begins to train.
   *
   * @param from where a checkpoint left off, or the start
   * @param attempt 1 if nothing has interrupted it
   */
  default void trialStarted(PlannedTrial trial, TrainingProgress from, int attempt) {}

  /** So far a trial has come; not more often than once a second. */
  default void trialProgressed(PlannedTrial trial, TrainingProgress progress) {}

  /** An epoch of a trial has ended. */
  default void epochEnded(PlannedTrial trial, EpochMetrics metrics) {}

  /** There is nothing to train on; a line that says on whom it waits. */
  default void waiting(String line) {}

  /** Something that people should know of a trial, in a line. */
  default void reported(PlannedTrial trial, String line) {}

  /**
   * A trial has ended and its rows are written.
   *
   * @param finished trials that have ended in this run
   * @param missing trials that this run began with
   */
  void trialEnded(TrialResult result, int finished, int missing);
}
