package org.tbptt.sweep.stopping;

import static java.util.Objects.requireNonNull;

/**
 * What a rule has decided about a trial at a rung.
 *
 * @param candidate the trial's place in the order of candidates, from 0
 * @param rule its word
 * @param rung from 0
 * @param epoch the rung's
 * @param loss that decided, nats per token, finite: that of the epoch, for median the lowest so far
 * @param rank of the loss among those that reached the rung, 1 for the lowest; null for rules that
 *     do not rank
 * @param among candidates up to this one that reached the rung; null for patience
 * @param advance how many of them go on; null for rules that do not rank
 * @param median of the earlier candidates' losses; null for rules without it, if there is no
 *     earlier one, and if it is not finite
 * @param stopped whether the trial stops here
 * @param reason in a line, with the numbers
 */
public record Decision(
    int candidate,
    String rule,
    int rung,
    int epoch,
    double loss,
    Integer rank,
    Integer among,
    Integer advance,
    Double median,
    boolean stopped,
    String reason) {

  public Decision {
    requireNonNull(rule, "rule");
    requireNonNull(reason, "reason");
    if (median != null && !Double.isFinite(median)) {
      median = null;
    }
  }
}
