package org.tbptt.sweep.stopping;

import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Successive halving (Jamieson and Talwalkar 2016), asynchronous after Li et al. 2020, "A system
 * for massively parallel hyperparameter tuning" (ASHA), whose trials may still go on later, when
 * others have fallen behind. Here a verdict is final, in the order of candidates: candidate i goes
 * on from rung r, after minEpochs * factor^r epochs, if its loss there is among the lowest ceil(c /
 * factor) of the c candidates j &lt;= i that reached the rung. Of equal losses that of the earlier
 * candidate counts as lower.
 */
record SuccessiveHalving(int minEpochs, int factor) implements StoppingRule {

  @Override
  public String word() {
    return "successive-halving";
  }

  @Override
  public int epochOf(int rung) {
    return (int) Math.min(Integer.MAX_VALUE, minEpochs * Math.pow(factor, rung));
  }

  @Override
  public boolean comparesTrials() {
    return true;
  }

  @Override
  public double score(double[] losses, int epoch) {
    return losses[epoch - 1];
  }

  /** Just below the loss of the first earlier one that would not go on with it. */
  @Override
  public double limit(SortedLosses earlier) {
    int goOn = goOn(earlier.size() + 1);
    return goOn > earlier.size() ? Double.MAX_VALUE : Math.nextDown(earlier.get(goOn - 1));
  }

  @Override
  public Decision decide(int candidate, int rung, double[] losses, SortedLosses earlier) {
    int epoch = epochOf(rung);
    double loss = score(losses, epoch);
    int rank = earlier.atMost(loss) + 1;
    int among = earlier.size() + 1;
    int goOn = goOn(among);
    return new Decision(
        candidate,
        word(),
        rung,
        epoch,
        loss,
        rank,
        among,
        goOn,
        null,
        rank > goOn,
        "rung %d, %d epoch%s: %s of %d, %d go%s on"
            .formatted(
                rung,
                epoch,
                epoch == 1 ? "" : "s",
                ordinal(rank),
                among,
                goOn,
                goOn == 1 ? "es" : ""));
  }

  /** Of those at a rung, candidate number c goes on with probability ceil(c / factor) / c. */
  @Override
  public OptionalLong likelyEpochs(int trials, int epochs) {
    double sum = 0;
    double there = trials;
    int before = 0;
    for (int epoch : epochsBefore(epochs)) {
      sum += there * (epoch - before);
      before = epoch;
      int arrivals = (int) Math.round(there);
      there = IntStream.rangeClosed(1, arrivals).mapToDouble(c -> (double) goOn(c) / c).sum();
    }
    return OptionalLong.of(Math.round(sum + there * (epochs - before)));
  }

  /** How many of so many go on: ceil(c / factor). */
  int goOn(int among) {
    return (int) ((among + factor - 1L) / factor);
  }

  /** 1st, 2nd, 3rd, 4th, 11th, 21st. */
  private static String ordinal(int number) {
    int tens = number % 100;
    String ending =
        tens >= 11 && tens <= 13
            ? "th"
            : switch (number % 10) {
              case 1 -> "st";
              case 2 -> "nd";
              case 3 -> "rd";
              default -> "th";
            };
    return number + ending;
  }
}
