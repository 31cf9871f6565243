package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.core.Precision;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.TestTrials;

class Bf16Test {

  private static final Corpus CORPUS = new ToySource(List.of(3, 8), 6500, 3000, 3000, 1).load();
  private static final Optional<String> AMX = Optional.of("amx");

  private final PlannedTrial trial =
      new PlannedTrial("a", TestTrials.spec(new TensorFlowStyle(5), 0.003, 1), "a");

  @Test
  void withAmxTheSameTrialsAreEstimatedInBf16() {
    PlannedTrial inBf16 = Bf16.of(List.of(trial), AMX).orElseThrow().get(0);

    assertThat(inBf16.spec().training().precision()).isEqualTo(Precision.BF16);
    assertThat(inBf16.spec().truncation()).isEqualTo(trial.spec().truncation());
    // Of no trial that is bf16 already anything else can be said.
    assertThat(Bf16.of(List.of(inBf16), AMX)).isEmpty();
  }

  @Test
  void aTrialThatIsMeasuredIsSoInBf16() {
    TrialSpec tf = trial.spec();
    TrialSpec adaptive =
        new TrialSpec(
            new AdaptiveStyle(0.1, 5, 20),
            tf.model(),
            tf.training(),
            new Diagnostics(2, 40, 80),
            tf.seed());

    List<PlannedTrial> inBf16 =
        Bf16.of(List.of(new PlannedTrial("b", adaptive, "b")), AMX).orElseThrow();

    assertThat(inBf16.get(0).spec().training().precision()).isEqualTo(Precision.BF16);
    assertThat(inBf16.get(0).spec().diagnostics()).isEqualTo(adaptive.diagnostics());
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline", "avx2", "avx512", "avx512bf16"})
  void withoutAmxNothingIsSaid(String instructionSet) {
    assertThat(Bf16.of(List.of(trial), Optional.of(instructionSet))).isEmpty();
    assertThat(Bf16.of(List.of(trial), Optional.empty())).isEmpty();
  }

  @Test
  void bothAreMeasuredInTheSameHalfSecond() {
    List<Long> milliseconds = new ArrayList<>();

    TimeEstimate.Measured measured =
        TimeEstimate.measured(
            List.of(trial),
            CORPUS,
            1,
            AMX,
            (each, time) -> {
              milliseconds.add(time.toMillis());
              return each.spec().training().precision() == Precision.BF16 ? 4000 : 1000;
            });

    assertThat(milliseconds).containsExactly(125L, 125L);
    double seconds = measured.planned().seconds();
    assertThat(measured.bf16()).contains(new TimeEstimate(seconds / 4, seconds / 4));
  }

  @Test
  void withoutAmxAllOfTheTimeIsThePlannedTrials() {
    TimeEstimate.Measured measured =
        TimeEstimate.measured(
            List.of(trial),
            CORPUS,
            1,
            Optional.of("avx512"),
            (each, time) -> {
              assertThat(time.toMillis()).isEqualTo(250);
              return 1000;
            });

    assertThat(measured.bf16()).isEmpty();
  }
}
