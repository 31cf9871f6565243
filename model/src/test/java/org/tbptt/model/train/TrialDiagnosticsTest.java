package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class TrialDiagnosticsTest {

  private static final Corpus TOY = new ToySource(List.of(1, 2), 4_000, 1_000, 100, 1).load();
  private static final Diagnostics MEASURED = new Diagnostics(2, 12, 0);

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "NATIVE"})
  void measuringChangesNoNumberOfTheTraining(EngineChoice engine) {
    for (Truncation truncation :
        List.of(new TrueStyle(3, 10), new TrueStyle(3, 10, true), new TensorFlowStyle(5))) {
      TrialOutcome measured = train(truncation, engine, MEASURED);
      TrialOutcome plain = train(truncation, engine, Diagnostics.OFF);

      assertThat(measured.diagnoses()).hasSize(4);
      assertThat(plain.diagnoses()).isEmpty();
      assertThat(withoutTimes(measured)).isEqualTo(withoutTimes(plain));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "NATIVE"})
  void gradientsAreMeasuredBeforeTheTrainingAndAfterEachEpoch(EngineChoice engine) {
    TrialOutcome outcome = train(new TrueStyle(3, 10), engine, MEASURED);

    assertThat(outcome.diagnoses()).extracting(Diagnosis::epoch).containsExactly(0, 1, 2, 3);
    assertThat(outcome.diagnoses())
        .allSatisfy(
            diagnosis -> {
              assertThat(diagnosis.lags()).hasSize(13);
              assertThat(diagnosis.biases()).hasSize(6);
            });
    assertThat(outcome.diagnoses()).extracting(Diagnosis::lags).doesNotHaveDuplicates();
    assertThat(outcome.decay().orElseThrow().meanDepth())
        .isEqualTo(outcome.diagnoses().get(3).decay().meanDepth());
  }

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "NATIVE"})
  void adaptiveTakesTheFewestStepsWhoseBoundIsBelowDelta(EngineChoice engine) {
    double delta = 0.3;
    TrialOutcome outcome = train(new AdaptiveStyle(delta, 2, 10), engine, MEASURED);

    List<EpochMetrics> epochs = outcome.epochs();
    assertThat(epochs.get(0).bpttSteps()).isEqualTo(2);
    for (int i = 1; i < epochs.size(); i++) {
      LagDecay before = outcome.diagnoses().get(i).decay();
      int steps = epochs.get(i).bpttSteps();
      assertThat(steps).isEqualTo(before.stepsWithin(delta, 10)).isBetween(2, 9);
      assertThat(epochs.get(i).biasBound())
          .isEqualTo(before.relativeBound(steps).orElseThrow())
          .isLessThan(delta);
      assertThat(before.relativeBound(steps - 1).orElseThrow()).isGreaterThanOrEqualTo(delta);
    }
    assertThat(epochs).extracting(EpochMetrics::bpttSteps).contains(2).doesNotContain(10);
  }

  @ParameterizedTest
  @EnumSource(names = {"ND4J", "NATIVE"})
  void anEpochOfAdaptiveIsOneOfTrueWithItsSteps(EngineChoice engine) {
    TrialOutcome adaptive = train(new AdaptiveStyle(1e-6, 3, 10), engine, MEASURED);
    TrialOutcome truncated = train(new TrueStyle(3, 10), engine, MEASURED);

    // The first epoch has the n that was given; a tolerance that is never met then takes all of T.
    assertThat(adaptive.epochs()).extracting(EpochMetrics::bpttSteps).containsExactly(3, 10, 10);
    assertThat(adaptive.epochs().get(0).validLoss())
        .isEqualTo(truncated.epochs().get(0).validLoss());
    assertThat(adaptive.diagnoses().get(1)).isEqualTo(truncated.diagnoses().get(1));
    assertThat(adaptive.epochs().get(1).validLoss())
        .isNotEqualTo(truncated.epochs().get(1).validLoss());
  }

  @Test
  void adaptiveHasToMeasure() {
    assertThatThrownBy(
            () -> spec(new AdaptiveStyle(0.1, 2, 10), EngineChoice.AUTO, Diagnostics.OFF))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "diagnostics.windows = 0: must be at least 1 for style = adaptive,"
                + " which chooses bptt-steps from these measurements");
  }

  private static List<EpochMetrics> withoutTimes(TrialOutcome outcome) {
    return outcome.epochs().stream()
        .map(
            epoch ->
                new EpochMetrics(
                    epoch.epoch(),
                    epoch.bpttSteps(),
                    epoch.biasBound(),
                    epoch.trainLoss(),
                    epoch.validLoss(),
                    epoch.gradientNorm(),
                    epoch.clippedShare(),
                    epoch.updateNorm(),
                    epoch.tokens(),
                    0))
        .toList();
  }

  private static TrialOutcome train(
      Truncation truncation, EngineChoice engine, Diagnostics diagnostics) {
    if (engine == EngineChoice.NATIVE) {
      assumeTrue(NativeLibrary.problem().isEmpty(), () -> NativeLibrary.problem().orElseThrow());
    }
    return new Trainer(spec(truncation, engine, diagnostics), TOY, epoch -> {}).train();
  }

  private static TrialSpec spec(
      Truncation truncation, EngineChoice engine, Diagnostics diagnostics) {
    return new TrialSpec(
        truncation,
        new RnnModel(Cell.TANH, 8, 4, 0.9, Initialiser.GLOROT, Carry.POST_DROPOUT),
        new Training(
            3,
            20,
            0,
            Optimizer.ADAM,
            0.9,
            0.9,
            0.01,
            Schedule.CONSTANT,
            Normalisation.MEAN,
            0,
            engine,
            Precision.FP32),
        diagnostics,
        1);
  }
}
