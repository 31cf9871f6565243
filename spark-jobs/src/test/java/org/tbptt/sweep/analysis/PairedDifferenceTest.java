package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {

  /** Cushny and Peebles' sleep data in "Student", The probable error of a mean (1908), table 1. */
  private static final List<Double> STUDENT =
      List.of(1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4);

  @Test
  void theIntervalOfStudentsOwnExampleIsTheKnownOne() {
    PairedDifference difference = PairedDifference.of(STUDENT);

    // What R prints for t.test(extra ~ group, data = sleep, paired = TRUE), with the other sign.
    assertThat(difference.pairs()).isEqualTo(10);
    assertThat(difference.mean()).isCloseTo(1.58, within(1e-12));
    assertThat(difference.low()).isCloseTo(0.7001142, within(1e-7));
    assertThat(difference.high()).isCloseTo(2.4598858, within(1e-7));
    assertThat(difference.verdict()).isEqualTo(Verdict.WORSE);
  }

  @Test
  void twoPairsHaveTheQuantileOfOneDegreeOfFreedom() {
    PairedDifference difference = PairedDifference.of(List.of(-0.3, -0.1));

    // t(0.975, 1) = tan(0.475 pi) = 12.7062; the standard error is 0.1.
    assertThat(difference.margin()).isCloseTo(1.27062, within(1e-5));
    assertThat(difference.verdict()).isEqualTo(Verdict.NO_DIFFERENCE_SHOWN);
  }

  @Test
  void lowerLossesAreBetter() {
    assertThat(PairedDifference.of(List.of(-0.10, -0.11, -0.12)).verdict())
        .isEqualTo(Verdict.BETTER);
    assertThat(PairedDifference.of(List.of(0.10, 0.11, 0.12)).verdict()).isEqualTo(Verdict.WORSE);
  }

  @Test
  void equalLossesAreNoDifference() {
    PairedDifference difference = PairedDifference.of(List.of(0.0, 0.0, 0.0));

    assertThat(difference.margin()).isZero();
    assertThat(difference.verdict()).isEqualTo(Verdict.NO_DIFFERENCE_SHOWN);
  }

  @Test
  void aSinglePairCannotTell() {
    PairedDifference difference = PairedDifference.of(List.of(-4.0));

    assertThat(difference.mean()).isEqualTo(-4.0);
    assertThat(difference.verdict()).isEqualTo(Verdict.CANNOT_TELL);
  }

  @Test
  void thereIsNoDifferenceOfNothing() {
    assertThatThrownBy(() -> PairedDifference.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no pairs");
  }
}
