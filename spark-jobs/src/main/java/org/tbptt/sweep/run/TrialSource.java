package org.tbptt.sweep.run;

import java.util.Optional;
import org.tbptt.sweep.results.TrialEnding;

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

  /** Whether the hours of the run are over: no trial starts, and none resumes after a rung. */
  default boolean isLate() {
    return false;
  }

  /** Why there are no more although more were asked for, in a line; asked when it is finished. */
  default Optional<String> shortfall() {
    return Optional.empty();
  }

  /** A trial that was taken has ended, by itself or because it was stopped. */
  void ended(TrialEnding ending);
}
