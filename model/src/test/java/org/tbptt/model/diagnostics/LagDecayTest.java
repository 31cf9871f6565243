package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LagDecayTest {

  private static final double EXACT = 1e-12;

  // 8 4 2 1 1/2 1/4 1/8 1/16: W = 7, tau = 3.
  private static final LagDecay HALVING = new LagDecay(geometric(8, 0.5, 8));

  @Test
  void theRateOfAGeometricSequenceIsItsRatio() {
    assertThat(HALVING.decayRate().getAsDouble()).isCloseTo(0.5, within(EXACT));
  }

  @Test
  void onlyTheTailIsFitted() {
    // The head falls by 10 a lag, lags 3..7 by 2.
    LagDecay decay = new LagDecay(new double[] {1000, 100, 10, 1, 0.5, 0.25, 0.125, 0.0625});

    assertThat(decay.decayRate().getAsDouble()).isCloseTo(0.5, within(EXACT));
  }

  @Test
  void theFitIsLeastSquaresOnTheLogarithm() {
    // W = 4, tau = 2; logs over the tail are 0, -1, -4, whose least-squares slope is -2.
    LagDecay decay = new LagDecay(new double[] {7, 3, 1, Math.exp(-1), Math.exp(-4)});

    assertThat(decay.decayRate().getAsDouble()).isCloseTo(Math.exp(-2), within(EXACT));
  }

  @ParameterizedTest
  @CsvSource({"0, 16", "1, 8", "2, 4", "3, 2", "4, 1", "7, 0.125", "13, 0.001953125"})
  void theRemainderOfAGeometricSequenceIsTheSumOfItsInfiniteTail(int steps, double expected) {
    assertThat(HALVING.remainder(steps).getAsDouble()).isCloseTo(expected, within(EXACT));
  }

  @ParameterizedTest
  @CsvSource({"1, 0.50393700787", "2, 0.25196850394", "7, 0.00787401575", "8, 0.00393700787"})
  void theRelativeBoundDividesByWhatTheGradientIsAtLeast(int steps, double expected) {
    // Lags 0..7 sum to 15.9375, beyond them are 0.0625: R(K) = 16 / 2^K / 15.875.
    assertThat(HALVING.relativeBound(steps).getAsDouble()).isCloseTo(expected, within(1e-10));
  }

  @ParameterizedTest
  @CsvSource({
    "0.6,  40, 1", // R(1) = 0.504
    "0.26, 40, 2", // R(2) = 0.252
    "0.25, 40, 3", // R(3) = 0.126
    "0.004, 40, 8", // R(8) = 0.00394
    "0.0001, 40, 14", // beyond what was measured: R(14) = 0.0000615
    "0.0001, 10, 10", // no fewer than the most do
  })
  void theFewestStepsWithinAToleranceAreTaken(double delta, int most, int expected) {
    assertThat(HALVING.stepsWithin(delta, most)).isEqualTo(expected);
  }

  @Test
  void lagsThatCoverAShareAndMeanDepthAreThoseOfTheSum() {
    LagDecay decay = new LagDecay(new double[] {70, 20, 5, 4, 1});

    assertThat(decay.lagCovering(0.7)).hasValue(0);
    assertThat(decay.lagCovering(0.71)).hasValue(1);
    assertThat(decay.lagCovering(0.95)).hasValue(2);
    assertThat(decay.lagCovering(0.99)).hasValue(3);
    assertThat(decay.lagCovering(1)).hasValue(4);
    assertThat(decay.meanDepth().getAsDouble()).isCloseTo(0.46, within(EXACT));
  }

  @Test
  void errorsOfOneLengthAtEveryLagHaveNoBound() {
    double[] equal = new double[10];
    Arrays.fill(equal, 0.3);
    LagDecay decay = new LagDecay(equal);

    assertThat(decay.decayRate()).hasValue(1);
    assertThat(decay.remainder(5)).isEmpty();
    assertThat(decay.relativeBound(5)).isEmpty();
    assertThat(decay.stepsWithin(0.9, 25)).isEqualTo(25);
    assertThat(decay.meanDepth().getAsDouble()).isCloseTo(4.5, within(EXACT));
    assertThat(decay.lagCovering(0.95)).hasValue(9);
  }

  @Test
  void errorsThatGrowHaveNoBound() {
    LagDecay decay = new LagDecay(geometric(1, 1.1, 20));

    assertThat(decay.decayRate().getAsDouble()).isCloseTo(1.1, within(EXACT));
    assertThat(decay.relativeBound(19)).isEmpty();
    assertThat(decay.stepsWithin(0.9, 30)).isEqualTo(30);
  }

  @Test
  void aTailThatOutweighsWhatWasMeasuredHasNoRelativeBound() {
    // 0.99^8 = 0.92: less than a tenth of the sum was seen.
    LagDecay decay = new LagDecay(geometric(1, 0.99, 8));

    assertThat(decay.remainder(3).getAsDouble()).isCloseTo(Math.pow(0.99, 3) * 100, within(1e-8));
    assertThat(decay.relativeBound(3)).isEmpty();
    assertThat(decay.stepsWithin(0.5, 12)).isEqualTo(12);
  }

  @Test
  void whereNothingGoesBeyondLagZeroOneStepIsEnough() {
    LagDecay decay = new LagDecay(new double[] {0.5, 0, 0});

    assertThat(decay.decayRate()).hasValue(0);
    assertThat(decay.remainder(0)).hasValue(0.5);
    assertThat(decay.relativeBound(1)).hasValue(0);
    assertThat(decay.stepsWithin(0.01, 20)).isEqualTo(1);
    assertThat(decay.meanDepth()).hasValue(0);
  }

  @Test
  void lagsAfterTheFirstThatIsLostInRoundingAreNotFitted() {
    double[] lost = geometric(1, 0.5, 12);
    lost[8] = 1e-40;
    lost[9] = 0;
    lost[10] = 0;
    lost[11] = 0;

    assertThat(new LagDecay(lost).decayRate().getAsDouble()).isCloseTo(0.5, within(EXACT));
  }

  @Test
  void aSingleLagHasADepthButNoRate() {
    LagDecay decay = new LagDecay(new double[] {3});

    assertThat(decay.decayRate()).isEmpty();
    assertThat(decay.relativeBound(1)).isEmpty();
    assertThat(decay.stepsWithin(0.1, 6)).isEqualTo(6);
    assertThat(decay.meanDepth()).hasValue(0);
    assertThat(decay.lagCovering(0.99)).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void whereALagIsNotFiniteThereIsNothingToSay(double value) {
    hasNothingToSay(new LagDecay(new double[] {1, 0.5, value, 0.125}));
  }

  @Test
  void withoutErrorsThereIsNothingToSay() {
    hasNothingToSay(new LagDecay(new double[4]));
  }

  @Test
  void lagZeroMustBeThere() {
    assertThatThrownBy(() -> new LagDecay(new double[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("phi has no lags: must have at least lag 0");
  }

  private static void hasNothingToSay(LagDecay decay) {
    assertThat(decay.decayRate()).isEmpty();
    assertThat(decay.meanDepth()).isEmpty();
    assertThat(decay.lagCovering(0.95)).isEqualTo(OptionalInt.empty());
    assertThat(decay.remainder(2)).isEmpty();
    assertThat(decay.relativeBound(2)).isEmpty();
    assertThat(decay.stepsWithin(0.1, 5)).isEqualTo(5);
  }

  static double[] geometric(double first, double ratio, int lags) {
    double[] phi = new double[lags];
    for (int lag = 0; lag < lags; lag++) {
      phi[lag] = first * Math.pow(ratio, lag);
    }
    return phi;
  }
}
