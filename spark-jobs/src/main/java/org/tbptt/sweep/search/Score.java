package org.tbptt.sweep.search;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * What a candidate gave, the better the lower. Those that were trained to their last epoch come
 * first, by loss; then those that were stopped, the longest trained first and of those the lowest
 * loss, as Optuna ranks pruned trials; then those without a loss that counts.
 *
 * @param ending how it ended
 * @param epochs that it was trained
 * @param loss the lowest validation loss, nats per token; finite unless the ending is none
 */
public record Score(Ending ending, int epochs, double loss) implements Comparable<Score> {

  /** How a candidate ended. */
  public enum Ending {
    COMPLETED,
    STOPPED,
    /** It diverged, failed, or no loss was finite. */
    NONE
  }

  private static final Comparator<Score> ORDER =
      Comparator.comparing(Score::ending)
          .thenComparing(score -> score.ending == Ending.STOPPED ? -score.epochs : 0)
          .thenComparing(score -> score.ending == Ending.NONE ? 0 : score.loss);

  public Score {
    requireNonNull(ending, "ending");
    if (!Double.isFinite(loss)) {
      ending = Ending.NONE;
    }
  }

  /** Whether it may be called good. */
  boolean counts() {
    return ending != Ending.NONE;
  }

  @Override
  public int compareTo(Score other) {
    return ORDER.compare(this, other);
  }
}
