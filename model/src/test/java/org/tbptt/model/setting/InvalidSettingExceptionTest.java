package org.tbptt.model.setting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InvalidSettingExceptionTest {

  @Test
  void theMessageIsMadeOfSettingValueAndWhatIsAllowed() {
    InvalidSettingException wrong =
        new InvalidSettingException("state-size", 0, "must be at least 1");

    assertThat(wrong.setting()).isEqualTo("state-size");
    assertThat(wrong.value()).isEqualTo("0");
    assertThat(wrong.allowed()).isEqualTo("must be at least 1");
    assertThat(wrong).hasMessage("state-size = 0: must be at least 1");
  }
}
