package org.tbptt.sweep.stopping;

import java.util.Locale;

/**
 * A median stopping rule, in the order of candidates: a trial stops after an epoch if its lowest
 * loss so far is above the median of the losses that earlier candidates had after that epoch.
 * Golovin et al. 2017, "Google Vizier", section 3.2.2, take the median of the means of all losses
 * until then, which stops less. There is a rung after each epoch from minEpochs on.
 */
record MedianStopping(int minEpochs) implements StoppingRule {

  @Override
  public String word() {
    return "median";
  }

  @Override
  public int epochOf(int rung) {
    return eachEpochFrom(minEpochs, rung);
  }

  static int eachEpochFrom(int minEpochs, int rung) {
    return (int) Math.min(Integer.MAX_VALUE, (long) minEpochs + rung);
  }

  @Override
  public boolean comparesTrials() {
    return true;
  }

  /** The lowest finite loss so far. */
  @Override
  public double score(double[] losses, int epoch) {
    double lowest = Double.POSITIVE_INFINITY;
    for (int each = 0; each < epoch; each++) {
      lowest = losses[each] < lowest ? losses[each] : lowest;
    }
    return lowest;
  }

  @Override
  public double limit(SortedLosses earlier) {
    return earlier.size() == 0 ? Double.MAX_VALUE : earlier.median();
  }

  @Override
  public Decision decide(int candidate, int rung, double[] losses, SortedLosses earlier) {
    int epoch = epochOf(rung);
    double lowest = score(losses, epoch);
    boolean stopped = lowest > limit(earlier);
    String where = "rung %d, epoch %d: ".formatted(rung, epoch);
    return new Decision(
        candidate,
        word(),
        rung,
        epoch,
        lowest,
        null,
        earlier.size() + 1,
        null,
        earlier.size() == 0 ? null : earlier.median(),
        stopped,
        earlier.size() == 0
            ? where + "no earlier trial was here"
            : where
                + String.format(
                    Locale.ROOT,
                    "lowest loss %.4f %s %.4f, the median of %d earlier",
                    lowest,
                    stopped ? "above" : "not above",
                    earlier.median(),
                    earlier.size()));
  }
}
