package org.tbptt.sweep.run;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;

/** What an executor tells the driver of a trial while it trains. */
sealed interface TrialEvent extends Serializable {

  String trialId();

  /**
   * An attempt begins.
   *
   * @param from where a checkpoint left off, or the first epoch
   * @param before the epochs that had ended by then
   * @param since when the trial's training began, before the checkpoint if there is one
   * @param attempt its number, 1 for the first
   * @param host the executor's
   */
  record Started(
      String trialId,
      TrainingProgress from,
      List<EpochMetrics> before,
      Instant since,
      int attempt,
      String host)
      implements TrialEvent {}

  /** So far it has come. */
  record Progressed(String trialId, TrainingProgress progress) implements TrialEvent {}

  /** An epoch has ended. */
  record EpochEnded(String trialId, EpochMetrics metrics) implements TrialEvent {}

  /** Something that people should know, in a line. */
  record Reported(String trialId, String line) implements TrialEvent {}
}
