package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class UpdateRuleTest {

  static Stream<Arguments> mismatches() {
    Normalisation mean = Normalisation.MEAN;
    Normalisation r2rt = Normalisation.R2RT;
    return Stream.of(
        Arguments.of(
            5,
            new TrueStyle(3, 12),
            mean,
            "update-every = 5: must divide the 12 steps of a window"),
        Arguments.of(
            24,
            new TrueStyle(3, 12),
            mean,
            "update-every = 24: must divide the 12 steps of a window"),
        Arguments.of(
            3,
            new IntervalStyle(2, 4, 12, false),
            mean,
            "update-every = 3: must be a multiple of k1 = 2"),
        Arguments.of(
            4,
            new RandomStyle(0.5, 12),
            mean,
            "update-every = 4: must be 0 or seq-len for style = random, which is one backward pass over a"
                + " window"),
        Arguments.of(
            4,
            new SentenceStyle(3),
            mean,
            "update-every = 4: must be 0, once per window, for style = sentence"),
        Arguments.of(
            4,
            new TrueStyle(3, 12),
            r2rt,
            "update-every = 4: must be 0 or seq-len for normalisation = r2rt, which is for whole"
                + " windows"),
        Arguments.of(
            0,
            new SentenceStyle(3),
            r2rt,
            "normalisation = r2rt: must be mean or batch for style = sentence, whose windows have no common"
                + " seq-len"));
  }

  @ParameterizedTest
  @MethodSource("mismatches")
  void whatHasNoMeaningTogetherIsRefusedInOneLine(
      int every, Truncation truncation, Normalisation normalisation, String message) {
    assertThatThrownBy(() -> every(every).check(truncation, normalisation))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aWindowIsCutWhereverTheStyleCanBe() {
    for (Truncation truncation :
        new Truncation[] {
          new TrueStyle(3, 12),
          new TrueStyle(3, 12, true),
          new FullStyle(12),
          new FullStyle(12, true),
          new TensorFlowStyle(12),
          new IntervalStyle(2, 4, 12, true)
        }) {
      assertThatCode(() -> every(4).check(truncation, Normalisation.MEAN))
          .doesNotThrowAnyException();
      assertThatCode(() -> every(12).check(truncation, Normalisation.R2RT))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void impossibleNumbersAreRefused() {
    assertThatThrownBy(() -> new UpdateRule(Optimizer.SGD, 1, 0.9, 0, 0))
        .hasMessage("momentum = 1: must be at least 0 and less than 1");
    assertThatThrownBy(() -> new UpdateRule(Optimizer.SGD, 0.9, -0.1, 0, 0))
        .hasMessage("rms-decay = -0.1: must be at least 0 and less than 1");
    assertThatThrownBy(() -> new UpdateRule(Optimizer.SGD, 0.9, 0.9, -1, 0))
        .hasMessage("clip-norm = -1: must be a finite number, 0 (no clipping) or more");
    assertThatThrownBy(() -> every(-1))
        .hasMessage("update-every = -1: must be 0 (once per window) or more");
  }

  private static UpdateRule every(int steps) {
    return new UpdateRule(Optimizer.SGD, 0.9, 0.9, 0, steps);
  }
}
