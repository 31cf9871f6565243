package org.tbptt.model.truncation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TruncationTest {

  /** Style, T, n, k1, P. */
  static Stream<Arguments> styles() {
    return Stream.of(
        Arguments.of(new TensorFlowStyle(5), "tf", 5, 5, 5, 0),
        Arguments.of(new TrueStyle(3, 6), "true", 6, 3, 1, 0),
        Arguments.of(new TrueStyle(3, 6, true), "true", 6, 3, 1, 2),
        Arguments.of(new TrueStyle(9, 6, true), "true", 6, 9, 1, 8),
        Arguments.of(new FullStyle(6), "full", 6, 6, 6, 0),
        Arguments.of(new FullStyle(6, true), "full", 6, 12, 6, 6),
        Arguments.of(new IntervalStyle(2, 5, 6, false), "interval", 6, 5, 2, 0),
        Arguments.of(new IntervalStyle(2, 8, 6, true), "interval", 6, 8, 2, 6),
        Arguments.of(new RandomStyle(0.7, 6), "random", 6, 6, 6, 0),
        Arguments.of(new SentenceStyle(4), "sentence", 0, 4, 1, 0),
        Arguments.of(new AdaptiveStyle(0.1, 2, 6), "adaptive", 6, 2, 1, 0));
  }

  static Stream<Arguments> labels() {
    return Stream.of(
        Arguments.of(new TensorFlowStyle(5), "tf bptt-steps=5 seq-len=5"),
        Arguments.of(new TrueStyle(9, 6, true), "true bptt-steps=9 seq-len=6 history"),
        Arguments.of(new IntervalStyle(2, 5, 6, false), "interval k1=2 k2=5 seq-len=6"),
        Arguments.of(new RandomStyle(0.7, 6), "random bptt-steps=6 seq-len=6 pi=0.7"),
        Arguments.of(new SentenceStyle(4), "sentence bptt-steps=4"),
        Arguments.of(new AdaptiveStyle(0.1, 2, 6), "adaptive bptt-steps=2 seq-len=6 delta=0.1"));
  }

  @ParameterizedTest
  @MethodSource("labels")
  void aLabelSaysEverySettingOfAStyle(Truncation truncation, String label) {
    assertThat(truncation.label()).isEqualTo(label);
  }

  @Test
  void onlyAdaptiveChoosesItsSteps() {
    Truncation adaptive = new AdaptiveStyle(0.1, 2, 6);
    assertThat(adaptive.allowedBias()).hasValue(0.1);
    assertThat(adaptive.longestBpttSteps()).isEqualTo(6);
    assertThat(adaptive.inUse(4)).isEqualTo(new TrueStyle(4, 6));

    Truncation fixed = new TrueStyle(3, 6);
    assertThat(fixed.allowedBias()).isEmpty();
    assertThat(fixed.longestBpttSteps()).isEqualTo(3);
    assertThat(fixed.inUse(3)).isSameAs(fixed);
  }

  @ParameterizedTest
  @MethodSource("styles")
  void eachStyleIsDescribedByTheSameNumbers(
      Truncation truncation, String word, int seqLen, int bpttSteps, int injectEvery, int history) {
    assertThat(truncation.style()).isEqualTo(word);
    assertThat(truncation.seqLen()).isEqualTo(seqLen);
    assertThat(truncation.bpttSteps()).isEqualTo(bpttSteps);
    assertThat(truncation.injectEvery()).isEqualTo(injectEvery);
    assertThat(truncation.historySteps()).isEqualTo(history);
  }

  @Test
  void onlyRandomCutsLinksAndOnlySentencesStartFromZero() {
    styles()
        .map(arguments -> (Truncation) arguments.get()[0])
        .forEach(
            truncation -> {
              assertThat(truncation.linkKeep())
                  .isEqualTo(truncation.style().equals("random") ? 0.7 : 1);
              assertThat(truncation.carriesState())
                  .isEqualTo(!truncation.style().equals("sentence"));
            });
  }

  @Test
  void oneSweepIsEnoughWhereErrorsReachTheWindowsStartAndNoFurther() {
    assertThat(new TrueStyle(6, 6).reachesWindowStart()).isTrue();
    assertThat(new IntervalStyle(2, 6, 6, false).reachesWindowStart()).isTrue();
    assertThat(new TrueStyle(5, 6).reachesWindowStart()).isFalse();
    assertThat(new TrueStyle(6, 6, true).reachesWindowStart()).isFalse();
    assertThat(new SentenceStyle(6).reachesWindowStart()).isFalse();
    assertThat(new AdaptiveStyle(0.1, 6, 6).reachesWindowStart()).isFalse();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(() -> new TensorFlowStyle(0), "bptt-steps = 0: must be at least 1"),
        mistake(() -> new FullStyle(0), "seq-len = 0: must be at least 1"),
        mistake(
            () -> new TrueStyle(7, 6),
            "bptt-steps = 7: must be at most seq-len = 6; an error cannot go back past the start of its"
                + " window without history"),
        mistake(() -> new TrueStyle(0, 6, true), "bptt-steps = 0: must be at least 1"),
        mistake(
            () -> new IntervalStyle(4, 3, 8, false),
            "k1 = 4: must be at most k2 = 3; a backward pass goes at least over the errors that it injects"),
        mistake(
            () -> new IntervalStyle(3, 4, 8, true),
            "k1 = 3: must divide seq-len = 8; a window is cut into pieces of k1 steps"),
        mistake(
            () -> new IntervalStyle(2, 10, 8, false),
            "k2 = 10: must be at most seq-len = 8; an error cannot go back past the start of its window"
                + " without history"),
        mistake(() -> new IntervalStyle(0, 3, 8, false), "k1 = 0: must be at least 1"),
        mistake(() -> new RandomStyle(0, 8), "pi = 0: must be more than 0 and at most 1"),
        mistake(() -> new RandomStyle(1.5, 8), "pi = 1.5: must be more than 0 and at most 1"),
        mistake(
            () -> new RandomStyle(Double.NaN, 8), "pi = NaN: must be more than 0 and at most 1"),
        mistake(() -> new SentenceStyle(0), "bptt-steps = 0: must be at least 1"),
        mistake(() -> new AdaptiveStyle(0, 2, 6), "delta = 0: must be a finite number more than 0"),
        mistake(
            () -> new AdaptiveStyle(0.1, 7, 6),
            "bptt-steps = 7: must be at most seq-len = 6; an error cannot go back past the start of its"
                + " window without history"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void whatHasNoMeaningIsRefusedInOneLine(Executable mistake, String message) {
    assertThatThrownBy(mistake::execute)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static Arguments mistake(Executable mistake, String message) {
    return Arguments.of(mistake, message);
  }
}
