package org.tbptt.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.tbptt.bench.Series.Measured;
import org.tbptt.model.core.Precision;

class SeriesTest {

  private static final Peak PEAK = new Peak(100, 200, 50);

  private final Series series = new Series(new Row("native", Precision.FP32, Workloads.TF_20));

  @Test
  void disturbedTurnsCountOnlyIfThereAreNoOthers() {
    series.add(new Measured(0.9, PEAK, false));
    assertThat(series.medianSeconds()).isEqualTo(0.9);

    series.add(new Measured(0.2, PEAK, true));
    series.add(new Measured(0.4, PEAK, true));
    assertThat(series.medianSeconds()).isEqualTo((0.2 + 0.4) / 2);
    assertThat(series.bestSeconds()).isEqualTo(0.2);
    assertThat(series.disturbed()).isEqualTo(1);
  }

  @Test
  void shareIsOfThePeakProbedAroundTheSameTurn() {
    double seconds = Workloads.TF_20.operations() * 1e-9 / 80;
    series.add(new Measured(seconds, PEAK, true));
    assertThat(series.gflops()).isCloseTo(80, within(1e-9));
    assertThat(series.shareOfPeak()).isCloseTo(0.8, within(1e-12));
  }

  @Test
  void tokensPerSecondAreOfAWholeWindow() {
    series.add(new Measured(0.5, PEAK, true));
    assertThat(series.medianTokensPerSecond()).isEqualTo(2 * 20 * 32);
  }
}
