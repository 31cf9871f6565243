package org.tbptt.model.train;

import org.tbptt.model.core.RnnCore;

/** Hears of each epoch as it ends. */
@FunctionalInterface
public interface EpochListener {

  void epochEnded(EpochMetrics metrics);

  /**
   * An epoch ended with the lowest validation loss so far; {@link #epochEnded} follows.
   *
   * @param core with the weights that have it, to be read
   */
  default void improved(EpochMetrics metrics, RnnCore core) {}
}
