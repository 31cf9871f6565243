package org.tbptt.sweep.stopping;

import java.io.Serializable;

/**
 * A rule that stops trials at rungs, which are epochs that all trials reach unless they end before.
 * At a rung a trial has a score, the lower the better, and goes on if it is not above a limit that
 * depends on nothing but the losses of earlier candidates at that rung.
 */
public sealed interface StoppingRule extends Serializable
    permits NoStopping, Patience, MedianStopping, SuccessiveHalving {

  /** Its name in conf files and tables. */
  String word();

  /**
   * The epoch after which a rung is, more than that of the rung before.
   *
   * @param rung from 0
   * @return {@link Integer#MAX_VALUE} if there is no such rung
   */
  int epochOf(int rung);

  /** Whether there are rungs. */
  default boolean isOn() {
    return epochOf(0) < Integer.MAX_VALUE;
  }

  /** Whether a verdict depends on other trials' losses. */
  boolean comparesTrials();

  /**
   * What decides at an epoch.
   *
   * @param losses validation losses after each epoch, nats per token
   * @param epoch from 1; later losses have no effect
   */
  double score(double[] losses, int epoch);

  /**
   * The highest score that goes on.
   *
   * @param earlier losses at the rung of the earlier candidates that reached it
   */
  double limit(SortedLosses earlier);

  /**
   * The verdict on a candidate.
   *
   * @param losses of it, those at the rung's epoch and before at least, finite at the rung
   * @param earlier losses at the rung of the earlier candidates that reached it
   */
  Decision decide(int candidate, int rung, double[] losses, SortedLosses earlier);
}
