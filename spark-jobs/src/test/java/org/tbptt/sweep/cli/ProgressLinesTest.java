package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

class ProgressLinesTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);
  private static final PlannedTrial TRIAL = new PlannedTrial("id", SPEC, "true 5, 20");

  private static final String FALLBACK = ".* cannot load the native core, .*";

  private final List<String> lines = new ArrayList<>();

  @Test
  void whatGoesWrongIsALineEvenIfNothingElseIsToBeTold() {
    SweepEvent[] problems = {
      new SweepEvent.NoExecutor("no executor; waiting"),
      new SweepEvent.FileSetAside("file a is damaged and set aside: cut off"),
      new SweepEvent.CheckpointFailed(TRIAL, "checkpoint a is not used: damaged"),
      new SweepEvent.ExecutorLost(TRIAL, "executor 1 exited", false),
      new SweepEvent.ExecutorLost(TRIAL, "executor 2 exited", true),
      new SweepEvent.TaskFailed(TRIAL, "no permission", 2),
      new SweepEvent.TrialDeferred(TRIAL, 3)
    };

    tell(true, problems);

    assertThat(lines)
        .containsExactly(
            "no executor; waiting",
            "file a is damaged and set aside: cut off",
            "true 5, 20: checkpoint a is not used: damaged",
            "true 5, 20: is retried: executor 1 exited",
            "true 5, 20: is retried later, one trial at a time, because it may be what kills its"
                + " executors: executor 2 exited",
            "true 5, 20: is retried in 2 s: no permission",
            "true 5, 20: was started 3 times without reaching another checkpoint; it is trained"
                + " last");
  }

  @Test
  void whatGoesWellIsALineUnlessOnlyProblemsAreToBeTold() {
    TrialResult result =
        TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.COMPLETED, 5.25);
    TrialResult diverged =
        TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.DIVERGED, 5.25);
    SweepEvent[] progress = {
      started(1),
      started(2),
      new SweepEvent.TrialProgressed(TRIAL, new TrainingProgress(3, 20, 7, 10, 5, 1000)),
      new SweepEvent.CheckpointSaved(TRIAL, "e000003-w000000007"),
      new SweepEvent.EpochFinished(TRIAL, result.outcome().epochs().get(0)),
      new SweepEvent.TrialFinished(TRIAL, result, 1),
      new SweepEvent.TrialFinished(TRIAL, diverged, 2)
    };

    tell(true, progress);
    assertThat(lines).noneMatch(line -> !line.matches(FALLBACK));
    lines.clear();

    tell(false, progress);
    lines.removeIf(line -> line.matches(FALLBACK));
    assertThat(lines)
        .containsExactly(
            "true 5, 20: attempt 2, from epoch 3, window 7 of 10",
            "true 5, 20: epoch 1 of 20: 5.2500 nats per token, 2,000 tokens/s",
            "[1/0] true 5, 20: 5.2500 nats per token in epoch 1, 0.5 s, 2,000 tokens/s, nd4j",
            "[2/0] true 5, 20: DIVERGED, because of a reason; before that 5.2500 nats per token in"
                + " epoch 1");
  }

  @Test
  void anExecutorWithoutTheNativeCoreThatTheDriverHasIsToldOfOnce() {
    assumeThat(NativeLibrary.problem()).isEmpty();
    TrialResult result =
        TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.COMPLETED, 5.25);

    tell(
        true,
        new SweepEvent.TrialFinished(TRIAL, result, 1),
        new SweepEvent.TrialFinished(TRIAL, result, 2));

    assertThat(lines)
        .containsExactly(
            "localhost cannot load the native core, which this machine has: trials there use nd4j,"
                + " which is slower; engine = native would make it an error that says why");
  }

  @Test
  void stopsAndPausesAreToldAndAResumeFromARungIsNot() {
    TrialResult stopped =
        TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.STOPPED, 5.5, 5.25);
    tell(
        false,
        new SweepEvent.VerdictsDiffer(2, 10, "a was stopped (x), now to go on (y)"),
        new SweepEvent.TrialPaused(TRIAL, 2, true),
        started(2),
        new SweepEvent.TrialPaused(TRIAL, 2, false),
        started(3),
        new SweepEvent.TrialFinished(TRIAL, stopped, 1));

    lines.removeIf(line -> line.matches(FALLBACK));
    assertThat(lines)
        .containsExactly(
            "2 of 10 verdicts in the table rungs differ from those that the rule, grid and losses give"
                + " now, and are replaced; a was stopped (x), now to go on (y)",
            "true 5, 20: paused after epoch 2 until earlier trials reach it",
            "[1/0] true 5, 20: stopped at because of a reason; lowest loss 5.2500 nats per token in"
                + " epoch 2");
  }

  private static SweepEvent started(int attempt) {
    return new SweepEvent.TrialStarted(
        TRIAL,
        new TrainingProgress(3, 20, 6, 10, 5, 1000),
        List.of(),
        TestTrials.NOON,
        attempt,
        "host");
  }

  private void tell(boolean quiet, SweepEvent... events) {
    ProgressLines progress =
        new ProgressLines(lines::add, new ResultsStore(LocalSpark.session(), "results"), quiet);
    List.of(events).forEach(progress);
  }
}
