package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DropoutTest {

  private static final RnnShape SHAPE = new RnnShape(10, 50, 100, 32, 20);

  @Test
  void elementsAreZeroOrTheInverseOfTheKeepProbability() {
    float[] mask = Dropout.of(0.8, 1, 1, 0).inputMask(SHAPE);

    assertThat(mask).hasSize(20 * 32 * 50).containsOnly(0f, 1.25f);
    double kept = 0;
    for (float element : mask) {
      kept += element > 0 ? 1 : 0;
    }
    // 32,000 draws: five standard deviations are 0.011.
    assertThat(kept / mask.length).isCloseTo(0.8, within(0.011));
  }

  @Test
  void masksDifferByWindowEpochSeedAndPurpose() {
    float[] mask = Dropout.of(0.8, 1, 1, 0).inputMask(SHAPE);

    assertThat(Dropout.of(0.8, 1, 1, 0).inputMask(SHAPE)).isEqualTo(mask);
    assertThat(Dropout.of(0.8, 1, 1, 1).inputMask(SHAPE)).isNotEqualTo(mask);
    assertThat(Dropout.of(0.8, 1, 2, 0).inputMask(SHAPE)).isNotEqualTo(mask);
    assertThat(Dropout.of(0.8, 2, 1, 0).inputMask(SHAPE)).isNotEqualTo(mask);
    RnnShape square = new RnnShape(10, 100, 100, 32, 20);
    Dropout dropout = Dropout.of(0.8, 1, 1, 0);
    assertThat(dropout.outputMask(square)).isNotEqualTo(dropout.inputMask(square));
  }

  @Test
  void keepingEverythingDropsNothing() {
    assertThat(Dropout.of(1, 1, 1, 0)).isEqualTo(new Dropout.None());
  }
}
