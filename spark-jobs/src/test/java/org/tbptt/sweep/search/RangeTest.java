package org.tbptt.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RangeTest {

  @Test
  void stepsAreDecimals() {
    Range range = new Range(0.1, 0.95, Scale.LINEAR, 0.1);

    assertThat(evenly(range, 1000).distinct())
        .containsExactly(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);
    assertThat(range.size()).isEqualTo(9);
  }

  @Test
  void everyStepHasTheSameRoom() {
    Range range = new Range(3, 6, Scale.LINEAR, 1);

    for (int value = 3; value <= 6; value++) {
      int each = value;
      assertThat(evenly(range, 1000).filter(x -> x == each).count()).isEqualTo(250);
    }
  }

  @Test
  void onALogarithmicScaleEveryDecadeHasTheSameRoom() {
    Range range = new Range(1e-4, 1e-1, Scale.LOG, 0);

    assertThat(evenly(range, 999).filter(x -> x < 1e-3).count()).isEqualTo(333);
    assertThat(range.at(0)).isEqualTo(1e-4, within(1e-18));
    assertThat(range.at(1)).isEqualTo(1e-1, within(1e-15)).isLessThanOrEqualTo(1e-1);
    assertThat(range.at(range.placeOf(3e-3))).isEqualTo(3e-3, within(1e-15));
  }

  @Test
  void wholeNumbersOnALogarithmicScaleAreAllThere() {
    Range range = new Range(1, 40, Scale.LOG, 1);

    assertThat(evenly(range, 100_000).distinct())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).mapToObj(i -> (double) i).toList());
    assertThat(range.size()).isEqualTo(40);
    assertThat(range.cellFrom(1)).isZero();
    assertThat(range.cellTo(40)).isEqualTo(1);
  }

  @Test
  void aDensityOfARangeIntegratesToOne() {
    Range range = new Range(1e-4, 1e-1, Scale.LOG, 0);
    for (double[] values : new double[][] {{}, {1e-4}, {2e-3, 2e-3, 5e-2}, many(range, 120)}) {
      Parzen parzen = Parzen.of(range, values);
      assertThat(evenly(range, 20_000).map(parzen::density).average().orElseThrow())
          .isEqualTo(1, within(1e-4));
    }
  }

  @Test
  void theProbabilitiesOfStepsAndChoicesAddUpToOne() {
    Range range = new Range(8, 64, Scale.LOG, 1);
    for (double[] values : new double[][] {{}, {8}, {8, 9, 9, 64}, many(range, 120)}) {
      Parzen parzen = Parzen.of(range, values);
      assertThat(IntStream.rangeClosed(8, 64).mapToDouble(parzen::density).sum())
          .isEqualTo(1, within(1e-3)); // narrow cells are taken at their middle
    }
    Parzen choices = Parzen.of(new Choices(3), new double[] {0, 0, 2});
    assertThat(IntStream.range(0, 3).mapToDouble(choices::density).sum())
        .isEqualTo(1, within(1e-12));
    assertThat(choices.density(0)).isGreaterThan(choices.density(2));
    assertThat(choices.density(2)).isGreaterThan(choices.density(1));
  }

  @Test
  void drawsHaveTheDensity() {
    Range range = new Range(0, 10, Scale.LINEAR, 1);
    Parzen parzen = Parzen.of(range, new double[] {2, 2, 3, 9});
    int[] counts = new int[11];
    for (int i = 0; i < 100_000; i++) {
      double[] u = RandomProposals.numbers(1, org.tbptt.model.random.Purpose.TPE, 0, i, 0, 2);
      counts[(int) parzen.draw(u[0], u[1])]++;
    }
    for (int value = 0; value <= 10; value++) {
      assertThat(counts[value] / 100_000.0).isEqualTo(parzen.density(value), within(0.005));
    }
  }

  private static double[] many(Range range, int count) {
    return evenly(range, count).toArray();
  }

  private static DoubleStream evenly(Range range, int count) {
    return IntStream.range(0, count).mapToDouble(i -> range.at((i + 0.5) / count));
  }
}
