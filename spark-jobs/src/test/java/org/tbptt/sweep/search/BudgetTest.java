package org.tbptt.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BudgetTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1 hour",
    "2, 2 hours",
    "0.5, 0.5 hours",
    "100, 100 hours",
    "1e-9, 0.000000001 hours"
  })
  void hoursAreShownAsTheyAreWritten(double hours, String words) {
    assertThat(new Budget(0, hours).hoursInWords()).isEqualTo(words);
  }
}
