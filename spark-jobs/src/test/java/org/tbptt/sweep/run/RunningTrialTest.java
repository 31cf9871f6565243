package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.TrialResult;

class RunningTrialTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);
  private static final TrialResult FIRST_ATTEMPT =
      TestTrials.result("sweep", TestTrials.PTB, SPEC, TrialStatus.COMPLETED, 5.0);

  private final RunningTrial trial =
      new RunningTrial(new PlannedTrial(FIRST_ATTEMPT.trialId(), SPEC, "label"));

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

  private void started(int attempt) {
    TrainingProgress beginning = new TrainingProgress(1, 32, 0, 100, Double.NaN, Double.NaN);
    trial.started(
        new TrialEvent.Started(FIRST_ATTEMPT.trialId(), beginning, List.of(), attempt, "host"));
  }
}
