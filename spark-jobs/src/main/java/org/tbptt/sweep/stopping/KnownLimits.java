package org.tbptt.sweep.stopping;

import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.StopCondition;

/**
 * As far as the verdicts on one trial are known before its losses are: the limit at each of the
 * first rungs. The trial stops at the first rung that it is above the limit of, or whose limit is
 * not known.
 */
@SuppressWarnings("ArrayRecordComponent")
record KnownLimits(StoppingRule rule, double... limits) implements StopCondition {

  @Override
  public boolean stopsAfter(List<EpochMetrics> epochs) {
    double[] losses = epochs.stream().mapToDouble(EpochMetrics::validLoss).toArray();
    for (int rung = 0; rule.epochOf(rung) <= losses.length; rung++) {
      if (rung >= limits.length || !(rule.score(losses, rule.epochOf(rung)) <= limits[rung])) {
        return true;
      }
    }
    return false;
  }
}
