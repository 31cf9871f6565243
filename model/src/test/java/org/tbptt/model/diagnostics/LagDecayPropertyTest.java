package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

@Tag("property")
class LagDecayPropertyTest {

  @Property
  void geometricSequencesHaveTheirClosedForms(
      @ForAll @DoubleRange(min = 0.01, max = 100) double first,
      @ForAll @DoubleRange(min = 0.1, max = 0.8) double ratio,
      @ForAll @IntRange(min = 4, max = 25) int lags,
      @ForAll @IntRange(max = 30) int steps) {
    LagDecay decay = new LagDecay(LagDecayTest.geometric(first, ratio, lags));

    double tail = first * Math.pow(ratio, steps) / (1 - ratio);
    assertThat(decay.decayRate().getAsDouble()).isCloseTo(ratio, within(1e-9));
    assertThat(decay.remainder(steps).getAsDouble() / tail).isCloseTo(1, within(1e-6));
    // R(K) = beta^K / (1 - 2 beta^L) over L lags.
    double gradient = 1 - 2 * Math.pow(ratio, lags);
    if (gradient > 0.01) {
      assertThat(decay.relativeBound(steps).getAsDouble() * gradient / Math.pow(ratio, steps))
          .isCloseTo(1, within(1e-6));
    }
  }

  /**
   * A head of any shape, then a tail that is known: the remainder is the sum of what is dropped.
   */
  @Property
  void theRemainderIsTheSumOfAllLagsThatAreDropped(
      @ForAll @Size(min = 1, max = 10) List<@DoubleRange(min = 0.01, max = 1000) Double> head,
      @ForAll @DoubleRange(min = 0.01, max = 10) double tailFirst,
      @ForAll @DoubleRange(min = 0.1, max = 0.9) double ratio,
      @ForAll @IntRange(max = 40) int steps) {
    double[] tail = LagDecayTest.geometric(tailFirst, ratio, head.size() + 1);
    double[] phi = new double[head.size() + tail.length];
    Arrays.setAll(phi, lag -> lag < head.size() ? head.get(lag) : tail[lag - head.size()]);

    double dropped = 0;
    for (int lag = steps; lag < head.size(); lag++) {
      dropped += phi[lag];
    }
    int intoTail = Math.max(0, steps - head.size());
    dropped += tailFirst * Math.pow(ratio, intoTail) / (1 - ratio);
    assertThat(new LagDecay(phi).remainder(steps).getAsDouble() / dropped)
        .isCloseTo(1, within(1e-6));
  }

  @Property
  void theScaleOfTheLossChangesNothing(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0.01, max = 10) Double> values,
      @ForAll @IntRange(min = -20, max = 20) int power) {
    double[] phi = values.stream().mapToDouble(value -> value).toArray();
    double[] scaled = Arrays.stream(phi).map(value -> Math.scalb(value, power)).toArray();
    LagDecay decay = new LagDecay(phi);
    LagDecay other = new LagDecay(scaled);

    assertThat(other.decayRate()).isEqualTo(decay.decayRate());
    assertThat(other.meanDepth()).isEqualTo(decay.meanDepth());
    assertThat(other.lagCovering(0.95)).isEqualTo(decay.lagCovering(0.95));
    assertThat(other.stepsWithin(0.1, 40)).isEqualTo(decay.stepsWithin(0.1, 40));
  }

  @Property
  void moreToleranceNeverTakesMoreSteps(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0, max = 10) Double> values,
      @ForAll @DoubleRange(min = 0.01, max = 1) double delta,
      @ForAll @DoubleRange(min = 0.01, max = 1) double more,
      @ForAll @IntRange(min = 1, max = 60) int most) {
    LagDecay decay = new LagDecay(values.stream().mapToDouble(value -> value).toArray());

    int steps = decay.stepsWithin(delta, most);
    assertThat(steps).isBetween(1, most);
    assertThat(decay.stepsWithin(delta + more, most)).isLessThanOrEqualTo(steps);
    assertThat(decay.relativeBound(steps).orElse(0) < delta || steps == most).isTrue();
  }
}
