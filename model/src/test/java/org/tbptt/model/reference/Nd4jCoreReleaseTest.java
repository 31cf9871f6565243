package org.tbptt.model.reference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.truncation.FullStyle;

class Nd4jCoreReleaseTest {

  @Test
  void aClosedCoreLeavesNoWorkspaceToItsThread() {
    int before = workspaces();
    for (int i = 0; i < 3; i++) {
      try (RnnCore core = open()) {
        assertThat(workspaces()).isEqualTo(before + 1);
      }
    }
    assertThat(workspaces()).isEqualTo(before);
  }

  private static RnnCore open() {
    CoreConfig config = CoreConfigs.of(new RnnShape(9, 3, 4, 2, 5), new FullStyle(5));
    return new Nd4jEngine().open(config, 1, 1);
  }

  private static int workspaces() {
    return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().size();
  }
}
