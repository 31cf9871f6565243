package org.tbptt.model.train;

import java.io.Serializable;
import java.util.List;

/** Whether a trial's training stops before its last epoch. Travels to executors. */
@FunctionalInterface
public interface StopCondition extends Serializable {

  /** Trains to the last epoch. */
  StopCondition NEVER = epochs -> false;

  /**
   * Whether training stops here. Asked when it starts or resumes and after each epoch but the last;
   * a checkpoint is saved if it stops.
   *
   * @param epochs that have ended, in order
   */
  boolean stopsAfter(List<EpochMetrics> epochs);
}
