package org.tbptt.model.train;

/** Hears of each epoch as it ends. */
@FunctionalInterface
public interface EpochListener {
  void epochEnded(EpochMetrics metrics);
}
