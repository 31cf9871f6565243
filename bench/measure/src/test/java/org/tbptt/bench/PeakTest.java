package org.tbptt.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeakTest {

  private static final Peak HIGHEST = new Peak(100, 200, 50);

  @Test
  void machineIsQuietWhileEveryPeakIsWithinFivePercentOfTheHighest() {
    assertThat(new Peak(95, 190, 47.5).asQuietAs(HIGHEST)).isTrue();
    assertThat(new Peak(94, 200, 50).asQuietAs(HIGHEST)).isFalse();
    assertThat(new Peak(100, 189, 50).asQuietAs(HIGHEST)).isFalse();
  }

  @Test
  void slowLoadsTellOfAnotherThreadOnTheCore() {
    assertThat(new Peak(100, 200, 30).asQuietAs(HIGHEST)).isFalse();
  }

  @Test
  void highestOfTwoIsTakenPeakByPeak() {
    assertThat(HIGHEST.max(new Peak(90, 210, 55))).isEqualTo(new Peak(100, 210, 55));
  }
}
