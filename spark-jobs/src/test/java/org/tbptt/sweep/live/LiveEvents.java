package org.tbptt.sweep.live;

import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

/** What executors would tell. */
final class LiveEvents {

  private LiveEvents() {}

  static PlannedTrial trial(int bpttSteps, long seed) {
    TrialSpec spec = TestTrials.spec(new TensorFlowStyle(bpttSteps), 0.003, seed);
    return new PlannedTrial(
        TrialIdentity.of(spec, TestTrials.PTB), spec, "tf bptt-steps=" + bpttSteps);
  }

  static SweepEvent started(PlannedTrial trial, int attempt) {
    return new SweepEvent.TrialStarted(
        trial, at(trial, 1, 0), List.of(), TestTrials.NOON, attempt, "localhost");
  }

  /** From a checkpoint at the beginning of an epoch. */
  static SweepEvent resumed(PlannedTrial trial, int epoch) {
    return new SweepEvent.TrialStarted(
        trial, at(trial, epoch, 0), List.of(), TestTrials.NOON, 1, "localhost");
  }

  static SweepEvent progressed(PlannedTrial trial, int epoch, int window) {
    return new SweepEvent.TrialProgressed(trial, at(trial, epoch, window));
  }

  static SweepEvent epoch(PlannedTrial trial, int epoch, double validLoss) {
    return new SweepEvent.EpochFinished(
        trial,
        new EpochMetrics(
            epoch, 5, Double.NaN, validLoss + 0.5, validLoss, 0.25, 0, 1.5, 1000, 0.5));
  }

  /** Windows are hundredths of an epoch. */
  private static TrainingProgress at(PlannedTrial trial, int epoch, int window) {
    return new TrainingProgress(epoch, trial.spec().training().epochs(), window, 100, 5.5, 12_345);
  }
}
