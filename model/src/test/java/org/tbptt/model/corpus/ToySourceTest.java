package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToySourceTest {

  private static final ToySource PUBLISHED = new ToySource(List.of(3, 8), 1000, 200, 300, 1);

  @Test
  void hasTwoWordsAndTheLengthsAskedFor() {
    Corpus corpus = PUBLISHED.load();

    assertThat(corpus.kind()).isEqualTo("toy");
    assertThat(corpus.vocabulary().words()).containsExactly("0", "1");
    assertThat(corpus.train().tokens()).isEqualTo(1000);
    assertThat(corpus.valid().tokens()).isEqualTo(200);
    assertThat(corpus.test().tokens()).isEqualTo(300);
    assertThat(corpus.train().shift()).isZero();
  }

  @Test
  void frequenciesAreTheProbabilities() {
    TokenStream stream = new ToySource(List.of(3, 8), 400_000, 1, 1, 42).load().train();
    int[][] seen = new int[2][2];
    int[][] ones = new int[2][2];
    int inputOnes = 0;
    for (int step = 8; step < stream.tokens(); step++) {
      int first = stream.input(step - 3);
      int second = stream.input(step - 8);
      seen[first][second]++;
      ones[first][second] += stream.target(step);
      inputOnes += stream.input(step);
    }

    // About 100,000 samples each: a standard deviation is at most 0.0016, the bound six of them.
    assertThat(ones[0][0] / (double) seen[0][0]).isCloseTo(0.5, within(0.01));
    assertThat(ones[0][1] / (double) seen[0][1]).isCloseTo(0.25, within(0.01));
    assertThat(ones[1][0]).isEqualTo(seen[1][0]);
    assertThat(ones[1][1] / (double) seen[1][1]).isCloseTo(0.75, within(0.01));
    assertThat(inputOnes / 400_000.0).isCloseTo(0.5, within(0.005));
    for (int[] bySecond : seen) {
      for (int count : bySecond) {
        assertThat(count / 400_000.0).isCloseTo(0.25, within(0.005));
      }
    }
  }

  /** The first steps depend on inputs from before the start, which are flipped like all others. */
  @Test
  void theFirstTargetAlreadyHasItsLags() {
    int ones = 0;
    for (int seed = 0; seed < 10_000; seed++) {
      ones += new ToySource(List.of(3, 8), 1, 1, 1, seed).load().train().target(0);
    }

    // P(Y=1) is 0.625 over all X, 0.5 if they were 0; a standard deviation is 0.0049.
    assertThat(ones / 10_000.0).isCloseTo(0.625, within(0.025));
  }

  @Test
  void splitsAndSeedsAreIndependent() {
    int length = 10_000;
    Corpus corpus = new ToySource(List.of(3, 8), length, length, length, 1).load();
    Corpus other = new ToySource(List.of(3, 8), length, length, length, 2).load();

    // Two independent sequences agree in half of the places; a standard deviation is 0.005.
    assertThat(agreement(corpus.train(), corpus.valid())).isCloseTo(0.5, within(0.025));
    assertThat(agreement(corpus.train(), corpus.test())).isCloseTo(0.5, within(0.025));
    assertThat(agreement(corpus.valid(), corpus.test())).isCloseTo(0.5, within(0.025));
    assertThat(agreement(corpus.train(), other.train())).isCloseTo(0.5, within(0.025));
  }

  @Test
  void theSameSettingsMakeTheSameData() {
    assertThat(new ToySource(List.of(3, 8), 1000, 200, 300, 1).load().id())
        .isEqualTo(PUBLISHED.load().id());
    assertThat(new ToySource(List.of(3, 8), 1000, 200, 300, 2).load().id())
        .isNotEqualTo(PUBLISHED.load().id());
    assertThat(new ToySource(List.of(8, 3), 1000, 200, 300, 1).load().id())
        .isNotEqualTo(PUBLISHED.load().id());
  }

  @Test
  void aShorterSplitIsTheStartOfALongerOne() {
    TokenStream shorter = PUBLISHED.load().train();
    TokenStream longer = new ToySource(List.of(3, 8), 2000, 1, 1, 1).load().train();

    assertThat(Streams.inputs(longer)).startsWith(Streams.inputs(shorter));
  }

  @Test
  void entropyLevelsAreThePublishedOnes() {
    List<EntropyLevel> levels = PUBLISHED.entropyLevels();

    assertThat(levels)
        .extracting(EntropyLevel::learned)
        .containsExactly("neither lag", "lag 3 only", "lags 3 and 8");
    assertThat(levels.get(0).natsPerToken()).isCloseTo(0.66, within(0.005));
    assertThat(levels.get(1).natsPerToken()).isCloseTo(0.52, within(0.005));
    assertThat(levels.get(2).natsPerToken()).isCloseTo(0.45, within(0.005));
    // -(2 * 0.25 ln 0.25 + 2 * 0.75 ln 0.75 + ln 0.5) / 4
    double both = -(0.5 * Math.log(0.25) + 1.5 * Math.log(0.75) + Math.log(0.5)) / 4;
    assertThat(levels.get(2).natsPerToken()).isCloseTo(both, within(1e-15));
  }

  @Test
  void entropyLevelsNameTheLagsAndGoFromTheWorstToTheBest() {
    List<EntropyLevel> levels = new ToySource(List.of(20, 5), 1, 1, 1, 0).entropyLevels();

    assertThat(levels)
        .isSortedAccordingTo(Comparator.comparing(EntropyLevel::natsPerToken).reversed())
        .extracting(EntropyLevel::learned)
        .containsExactly("neither lag", "lag 5 only", "lags 20 and 5");
    assertThat(levels.get(1).natsPerToken()).isCloseTo(0.63, within(0.005));
  }

  @Test
  void lagsThatAreNotTwoDifferentDistancesAreRefused() {
    for (List<Integer> lags :
        List.of(
            List.<Integer>of(),
            List.of(3),
            List.of(3, 3),
            List.of(0, 8),
            List.of(3, -1),
            List.of(1, 2, 3))) {
      assertThatThrownBy(() -> new ToySource(lags, 10, 10, 10, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("lags = " + lags + ": must be two different whole numbers, at least 1 each");
    }
  }

  @Test
  void lengthsOutOfRangeAreRefused() {
    String allowed = ": must be at least 1 and at most " + (Integer.MAX_VALUE - 16);
    assertThatThrownBy(() -> new ToySource(List.of(3, 8), 0, 10, 10, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("train-length = 0" + allowed);
    assertThatThrownBy(() -> new ToySource(List.of(3, 8), 10, -1, 10, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("valid-length = -1" + allowed);
    assertThatThrownBy(() -> new ToySource(List.of(3, 8), 10, 10, Integer.MAX_VALUE, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("test-length = 2147483647" + allowed);
  }

  private static double agreement(TokenStream one, TokenStream other) {
    int same = 0;
    for (int step = 0; step < one.tokens(); step++) {
      if (one.input(step) == other.input(step)) {
        same++;
      }
    }
    return same / (double) one.tokens();
  }
}
