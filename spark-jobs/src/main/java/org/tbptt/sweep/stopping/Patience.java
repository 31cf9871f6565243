package org.tbptt.sweep.stopping;

import java.util.Locale;

/**
 * Early stopping: a trial stops when its loss has not fallen by more than minDelta below the best
 * one for some epochs (Prechelt 1998, "Early stopping - but when?"; Keras' EarlyStopping). There is
 * a rung after each epoch from minEpochs on. Depends on the trial's own epochs only.
 */
record Patience(int minEpochs, int patience, double minDelta) implements StoppingRule {

  @Override
  public String word() {
    return "patience";
  }

  @Override
  public int epochOf(int rung) {
    return MedianStopping.eachEpochFrom(minEpochs, rung);
  }

  @Override
  public boolean comparesTrials() {
    return false;
  }

  /** Epochs since the last one that was better than all before. */
  @Override
  public double score(double[] losses, int epoch) {
    return epoch - lastBetter(losses, epoch);
  }

  @Override
  public double limit(SortedLosses earlier) {
    return patience - 1;
  }

  @Override
  public Decision decide(int candidate, int rung, double[] losses, SortedLosses earlier) {
    int epoch = epochOf(rung);
    int better = lastBetter(losses, epoch);
    double since = score(losses, epoch);
    return new Decision(
        candidate,
        word(),
        rung,
        epoch,
        losses[epoch - 1],
        null,
        null,
        null,
        null,
        since > limit(earlier),
        String.format(
            Locale.ROOT,
            "rung %d, epoch %d: %.0f epoch%s after the best loss, %.4f in epoch %d; patience %d",
            rung,
            epoch,
            since,
            since == 1 ? "" : "s",
            losses[Math.max(0, better - 1)],
            better,
            patience));
  }

  /** The last epoch that was better than the last better one before; 0 if no loss is finite. */
  private int lastBetter(double[] losses, int epoch) {
    double best = Double.POSITIVE_INFINITY;
    int last = 0;
    for (int each = 1; each <= epoch; each++) {
      if (losses[each - 1] < best - minDelta) {
        best = losses[each - 1];
        last = each;
      }
    }
    return last;
  }
}
