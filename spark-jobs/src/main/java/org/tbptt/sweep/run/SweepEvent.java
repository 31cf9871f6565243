package org.tbptt.sweep.run;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.sweep.results.TrialResult;

/**
 * What happens in a sweep, for whoever shows it. Executors send events of the trials that they
 * train; the driver adds its own and passes all of them on, on the thread that runs the sweep.
 */
public sealed interface SweepEvent {

  /**
   * The sweep begins.
   *
   * @param slots trials that train at the same time; 0 if that is not known, because no executor is
   *     there yet or they come and go
   */
  record SweepStarted(Plan plan, int slots) implements SweepEvent {}

  /**
   * There has been nothing to train on for a while.
   *
   * @param reason in a line
   */
  record NoExecutor(String reason) implements SweepEvent {}

  /**
   * The corpus has no baselines.
   *
   * @param reason in a line
   */
  record NoBaselines(String reason) implements SweepEvent {}

  /**
   * The sweep ends with fewer trials than were asked for.
   *
   * @param reason in a line
   */
  record EndedEarly(String reason) implements SweepEvent {}

  /**
   * A file of a table is damaged and was renamed; the trials that lost rows are trained again.
   *
   * @param reason in a line, with the file
   */
  record FileSetAside(String reason) implements SweepEvent {}

  /**
   * Verdicts of the stopping rule that are in the tables are not those that its rule gives now.
   *
   * @param differing how many
   * @param stored how many are in the tables
   * @param example one of them, in a line
   */
  record VerdictsDiffer(int differing, int stored, String example) implements SweepEvent {}

  /** Something that happens to one trial. */
  sealed interface OfTrial extends SweepEvent, Serializable {

    PlannedTrial trial();
  }

  /**
   * An attempt begins to train.
   *
   * @param from where a checkpoint left off, or the start
   * @param before the epochs that had ended by then
   * @param since when the trial's training began, before the checkpoint if there is one
   * @param attempt its number, 1 if nothing has interrupted the trial
   * @param host the executor's
   */
  record TrialStarted(
      PlannedTrial trial,
      TrainingProgress from,
      List<EpochMetrics> before,
      Instant since,
      int attempt,
      String host)
      implements OfTrial {

    public TrialStarted {
      before = List.copyOf(before);
    }
  }

  /** A trial has come so far; not more often than once a second. */
  record TrialProgressed(PlannedTrial trial, TrainingProgress progress) implements OfTrial {}

  /** An epoch has ended. */
  record EpochFinished(PlannedTrial trial, EpochMetrics metrics) implements OfTrial {}

  /**
   * A checkpoint is written.
   *
   * @param position how far it has come, by {@link org.tbptt.model.train.Checkpoint#position}
   */
  record CheckpointSaved(PlannedTrial trial, String position) implements OfTrial {}

  /**
   * A checkpoint is damaged, or a file system refuses.
   *
   * @param problem in a line
   */
  record CheckpointFailed(PlannedTrial trial, String problem) implements OfTrial {}

  /**
   * A trial's executor is gone; the trial is retried.
   *
   * @param suspect whether it is retried later, because it may be what kills its executors
   */
  record ExecutorLost(PlannedTrial trial, String reason, boolean suspect) implements OfTrial {}

  /**
   * A trial's task failed without a result, and its executor lives; the trial is retried.
   *
   * @param pause seconds until then
   */
  record TaskFailed(PlannedTrial trial, String reason, int pause) implements OfTrial {}

  /**
   * A trial is trained last, because earlier drivers may have died of it.
   *
   * @param starts how often they started it without reaching another checkpoint
   */
  record TrialDeferred(PlannedTrial trial, int starts) implements OfTrial {}

  /**
   * A trial has left its slot at a rung, and resumes if its verdict is to go on.
   *
   * @param epoch the last one that it was trained
   * @param waits whether the verdict is not known yet, because earlier trials are not as far
   */
  record TrialPaused(PlannedTrial trial, int epoch, boolean waits) implements OfTrial {}

  /**
   * A trial has completed, diverged, failed or been stopped, and its rows are written.
   *
   * @param finished trials that have ended in this run, with this one
   */
  record TrialFinished(PlannedTrial trial, TrialResult result, int finished) implements OfTrial {

    public TrialFinished {
      requireNonNull(result, "result");
    }
  }
}
