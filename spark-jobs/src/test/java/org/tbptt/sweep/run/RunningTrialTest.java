package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.reference.Nd4jEngine;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.TrialResult;

class RunningTrialTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);
  private static final TrialResult FIRST_ATTEMPT =
      TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.COMPLETED, 5.0);

  private static final PlannedTrial PLANNED =
      new PlannedTrial(FIRST_ATTEMPT.trialId(), SPEC, "label");

  private final RunningTrial trial = new RunningTrial(PLANNED, 0);

  @Test
  void aTwinThatDidNotEndFirstIsCounted() {
    started(1);
    started(2);
    assertThat(trial.counted(FIRST_ATTEMPT)).isEqualTo(FIRST_ATTEMPT.withAttempts(2));
  }

  @Test
  void twinsThatTellOfTheirStartsOutOfTurnAreCounted() {
    started(2);
    started(1);
    assertThat(trial.counted(FIRST_ATTEMPT).attempts()).isEqualTo(2);
  }

  @Test
  void attemptsOfWhichNothingWasHeardAreCounted() {
    assertThat(trial.counted(FIRST_ATTEMPT.withAttempts(3)).attempts()).isEqualTo(3);
  }

  @Test
  void aFailureComesAfterTheEpochsThatHaveEnded() {
    List<EpochMetrics> epochs =
        TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.COMPLETED, 5, 4)
            .outcome()
            .epochs();
    started(1);
    epochs.forEach(
        metrics ->
            assertThat(trial.heard(new SweepEvent.EpochFinished(PLANNED, metrics))).isTrue());
    started(2, TestTrials.NOON.plusSeconds(60));

    TrialResult counted = trial.counted(failed());

    assertThat(counted.outcome().epochs()).isEqualTo(epochs);
    assertThat(counted.outcome().startedAt()).isEqualTo(TestTrials.NOON);
    assertThat(counted.outcome().reason()).isEqualTo("out of memory");
    assertThat(counted.attempts()).isEqualTo(2);
  }

  @Test
  void anEpochThatAnotherAttemptTellsAgainIsNotNew() {
    EpochMetrics first = FIRST_ATTEMPT.outcome().epochs().get(0);

    assertThat(trial.heard(new SweepEvent.EpochFinished(PLANNED, first))).isTrue();
    assertThat(trial.heard(new SweepEvent.EpochFinished(PLANNED, first))).isFalse();
    assertThat(trial.epochs()).containsExactly(first);
  }

  @Test
  void aFailureOfWhichNothingWasHeardBeforeIsAsItIs() {
    TrialResult failed = failed();

    assertThat(trial.counted(failed)).isEqualTo(failed);
  }

  private static TrialResult failed() {
    return FIRST_ATTEMPT.withOutcome(
        TrialOutcome.failed("out of memory", new Nd4jEngine(), TestTrials.NOON.plusSeconds(90)));
  }

  private void started(int attempt) {
    started(attempt, TestTrials.NOON);
  }

  private void started(int attempt, Instant since) {
    TrainingProgress beginning = new TrainingProgress(1, 32, 0, 100, Double.NaN, Double.NaN);
    trial.heard(new SweepEvent.TrialStarted(PLANNED, beginning, List.of(), since, attempt, "host"));
  }
}
