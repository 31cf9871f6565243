package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosticsTest {

  @ParameterizedTest
  @CsvSource({
    "50, 0, 20, 100",
    "50, 0, 40, 120",
    "50, 0, 9, 108",
    "50, 0, 300, 300",
    "50, 60, 20, 60",
    "50, 61, 20, 80",
    "1, 2, 1, 2",
  })
  void aHeldWindowIsTheHorizonInWholeWindows(int maxLag, int horizon, int seqLen, int expected) {
    assertThat(new Diagnostics(4, maxLag, horizon).heldSteps(seqLen)).isEqualTo(expected);
  }

  @Test
  void withoutWindowsNothingIsMeasured() {
    assertThat(Diagnostics.OFF.on()).isFalse();
    assertThat(new Diagnostics(1, 50, 0).on()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -1 | 50    | 0     | windows = -1: must be 0 (nothing is measured) or more
          4  | 0     | 0     | max-lag = 0: must be from 1 to 32768
          4  | 32769 | 0     | max-lag = 32769: must be from 1 to 32768
          4  | 50    | 50    | horizon = 50: must be 0 (twice max-lag) or more than max-lag = 50 and at most 65536
          4  | 50    | 65537 | horizon = 65537: must be 0 (twice max-lag) or more than max-lag = 50 and at most 65536
          """)
  void whatCannotBeIsRefused(int windows, int maxLag, int horizon, String message) {
    assertThatThrownBy(() -> new Diagnostics(windows, maxLag, horizon))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
