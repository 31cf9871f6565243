package org.tbptt.model.engines;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EngineLoadingTest {

  @Test
  void aBuildForAnotherPlatformIsToldFromAFolderThatCannotBeUsed() {
    assertThat(EngineLoading.wrongPlatform()).isEmpty();
    assertThat(EngineLoading.wrongPlatform("linux-riscv64"))
        .contains(
            "this build has no ND4J for linux-riscv64: build the program on a machine of that kind");
  }
}
