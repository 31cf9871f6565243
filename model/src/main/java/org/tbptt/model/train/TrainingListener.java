package org.tbptt.model.train;

import java.time.Instant;
import java.util.List;
import org.tbptt.model.core.RnnCore;

/** Follows a trial's training; called on the thread that trains. */
@FunctionalInterface
public interface TrainingListener {

  /**
   * Training starts, from the beginning or from a checkpoint.
   *
   * @param before the epochs that had already ended
   * @param since when the trial's training first began
   */
  default void started(TrainingProgress from, List<EpochMetrics> before, Instant since) {}

  /** Progress, at most once a second. */
  default void progressed(TrainingProgress progress) {}

  /** An epoch has ended. */
  void epochEnded(EpochMetrics metrics);

  /**
   * An epoch ended with the lowest validation loss so far; {@link #epochEnded} follows.
   *
   * @param core with the weights of that epoch, read-only
   */
  default void improved(EpochMetrics metrics, RnnCore core) {}
}
