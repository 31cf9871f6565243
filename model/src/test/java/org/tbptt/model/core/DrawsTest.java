package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrawsTest {

  private static final RnnShape SHAPE = new RnnShape(10, 50, 100, 32, 20);

  @Test
  void elementsAreZeroOrTheInverseOfTheKeepProbability() {
    float[] mask = Draws.of(0.8, 1, 1, 1, 0).mask(SHAPE, 0);

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
    float[] mask = Draws.of(0.8, 1, 1, 1, 0).mask(SHAPE, 0);

    assertThat(Draws.of(0.8, 1, 1, 1, 0).mask(SHAPE, 0)).isEqualTo(mask);
    assertThat(Draws.of(0.8, 1, 1, 1, 1).mask(SHAPE, 0)).isNotEqualTo(mask);
    assertThat(Draws.of(0.8, 1, 1, 2, 0).mask(SHAPE, 0)).isNotEqualTo(mask);
    assertThat(Draws.of(0.8, 1, 2, 1, 0).mask(SHAPE, 0)).isNotEqualTo(mask);
    RnnShape square = new RnnShape(10, 100, 100, 32, 20);
    Draws draws = Draws.of(0.8, 1, 1, 1, 0);
    assertThat(draws.mask(square, 1)).isNotEqualTo(draws.mask(square, 0));
  }

  @Test
  void linksAreCutOrStrengthenedByTheInverseOfTheirProbability() {
    Draws draws = Draws.of(1, 0.7, 1, 1, 0);

    double[] links = draws.links(SHAPE);

    assertThat(draws.cutsLinks()).isTrue();
    assertThat(draws.mask(SHAPE, 0)).containsOnly(1f);
    assertThat(links).hasSize(20 * 32).containsOnly(0, 1 / 0.7);
    long kept = Arrays.stream(links).filter(link -> link > 0).count();
    // 640 draws: five standard deviations are 58.
    assertThat(kept).isBetween(448L - 58, 448L + 58);
    assertThat(Draws.of(1, 0.7, 1, 1, 1).links(SHAPE)).isNotEqualTo(links);
  }

  @Test
  void withoutRandomTruncationEveryLinkIsWhole() {
    for (Draws draws :
        new Draws[] {
          new Draws.None(),
          Draws.of(0.8, 1, 1, 1, 0),
          new Draws.Given(List.of(new float[0], new float[0]), null)
        }) {
      assertThat(draws.cutsLinks()).isFalse();
      assertThat(draws.links(SHAPE)).hasSize(20 * 32).containsOnly(1);
    }
  }

  @Test
  void keepingEverythingDropsNothing() {
    assertThat(Draws.of(1, 1, 1, 1, 0)).isEqualTo(new Draws.None());
  }
}
