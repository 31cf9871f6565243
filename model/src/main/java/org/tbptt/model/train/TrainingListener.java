package org.tbptt.model.train;

import java.time.Instant;
import java.util.List;
import org.tbptt.model.core.RnnCore;

/** Hears of a trial while it trains, on the thread that trains. */
@FunctionalInterface
public interface TrainingListener {

  /**
   * Training begins, at the start or where a checkpoint left off.
   *
   * @param before the epochs that had ended by then
   * @param since when the trial's training began, before the checkpoint if there is one
   */
  default void started(TrainingProgress from, List<EpochMetrics> before, Instant since) {}

  /** So far it has come; not more often than once a second. */
  default void progressed(TrainingProgress progress) {}

  /** An epoch has ended. */
  void epochEnded(EpochMetrics metrics);

  /**
   * An epoch ended with the lowest validation loss so far; {@link #epochEnded} follows.
   *
   * @param core with the weights that have it, to be read
   */
  default void improved(EpochMetrics metrics, RnnCore core) {}
}
