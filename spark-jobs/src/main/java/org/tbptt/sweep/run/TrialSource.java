package org.tbptt.sweep.run;

import org.tbptt.sweep.results.TrialResult;

/**
 * Proposes the trials of a sweep one after the other. It is asked whenever a slot is free, by one
 * thread.
 */
interface TrialSource {

  /** Whether there is a trial to start now. */
  boolean hasNext();

  /** Takes the trial to start now; only if there is one. */
  PlannedTrial next();

  /** Whether there will be no more, whatever the results of those that are running. */
  boolean isFinished();

  /** A trial that was taken has ended, by itself or because it was stopped. */
  void ended(TrialResult result);
}
