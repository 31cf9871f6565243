package org.tbptt.sweep.run;

import org.tbptt.sweep.results.TrialResult;

/** Hears of a sweep's progress, on the driver's own thread. */
public interface SweepListener {

  /**
   * The sweep begins.
   *
   * @param slots trials that train at the same time
   */
  void started(Plan plan, int slots);

  /**
   * A trial has ended and its rows are written.
   *
   * @param finished trials that have ended in this run
   * @param missing trials that this run began with
   */
  void trialEnded(TrialResult result, int finished, int missing);
}
