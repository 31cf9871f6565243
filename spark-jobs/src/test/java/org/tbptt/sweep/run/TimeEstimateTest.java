package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.train.TrainingSpeed;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.TestTrials;

class TimeEstimateTest {

  private static final Corpus CORPUS = new ToySource(List.of(3, 8), 6500, 3000, 3000, 1).load();

  @Test
  void slotsTakeTheNextTrialAsTheyBecomeFree() {
    PlannedTrial trial = trial("a", new TensorFlowStyle(5));
    // 20 epochs of 6400 training tokens (40 whole windows of 5 steps, 32 columns) and a third of
    // 3000.
    double seconds = 20 * (6400 + 1000) * 1e-3;

    TimeEstimate estimate =
        TimeEstimate.of(
            List.of(trial, trial("b", new TensorFlowStyle(5)), trial("c", new TensorFlowStyle(5))),
            CORPUS,
            2,
            measured -> 1e-3);

    assertThat(trial.tokens(CORPUS)).isEqualTo(20 * 6400);
    assertThat(estimate.slotSeconds()).isCloseTo(3 * seconds, within(1e-9));
    assertThat(estimate.seconds()).isCloseTo(2 * seconds, within(1e-9));
  }

  @Test
  void betweenTheLeastAndTheMostWorkTimeGoesWithWork() {
    PlannedTrial least = trial("least", new TrueStyle(2, 20));
    PlannedTrial middle = trial("middle", new TrueStyle(8, 20));
    PlannedTrial most = trial("most", new TrueStyle(14, 20));

    double alone = TimeEstimate.of(List.of(most), CORPUS, 1, measured -> 3e-3).slotSeconds();
    double all =
        TimeEstimate.of(
                List.of(most, middle, least),
                CORPUS,
                1,
                measured -> {
                  assertThat(measured).isNotEqualTo(middle);
                  return measured.equals(least) ? 1e-3 : 3e-3;
                })
            .slotSeconds();

    // One lag more is one product more, so that 8 steps are half-way between 2 and 14: 3 + 2 + 1.
    assertThat(all).isCloseTo(2 * alone, within(1e-6 * alone));
  }

  @Test
  void aTrialsSpeedIsMeasuredByTrainingIt() {
    TrialSpec spec = TestTrials.spec(new TensorFlowStyle(5), 0.003, 1);

    double speed = TrainingSpeed.tokensPerSecond(spec, CORPUS, 1, Duration.ofMillis(1));

    assertThat(speed).isPositive().isFinite();
  }

  private static PlannedTrial trial(String id, Truncation truncation) {
    return new PlannedTrial(id, TestTrials.spec(truncation, 0.003, 1), id);
  }
}
