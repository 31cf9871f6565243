package org.tbptt.sweep.run;

import java.util.HashMap;
import java.util.Map;

/**
 * Estimates when a run will have trained all its trials, from its own speed: what checkpoints of
 * earlier runs had of a trial took it no time. Not safe for use by several threads.
 */
public final class RemainingTime {

  /** The share of each trial that it had when this run started it, at least. */
  private final Map<String, Double> before = new HashMap<>();

  /** A trial starts, perhaps not for the first time in this run. */
  public void started(SweepEvent.TrialStarted event) {
    before.merge(event.trial().id(), event.from().share(), Math::min); // a checkpoint may be lost
  }

  /**
   * Seconds until all have ended; NaN if nothing has been trained yet.
   *
   * @param elapsed seconds since the run began
   * @param trained trials that have ended, and the shares of those that have not
   * @param missing trials that the run had to train when it began
   */
  public double seconds(double elapsed, double trained, int missing) {
    double here = trained - before.values().stream().mapToDouble(share -> share).sum();
    return here > 0 ? elapsed * Math.max(0, missing - trained) / here : Double.NaN;
  }
}
