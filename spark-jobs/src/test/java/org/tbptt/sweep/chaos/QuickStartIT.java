package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class QuickStartIT {

  @Test
  void onlyFoldersOfClassesBecomeJars() {
    Path folder = Path.of("target", "quick-start").toAbsolutePath();

    assertThat(QuickStart.classPath().split(File.pathSeparator, -1))
        .allMatch(jar -> jar.endsWith(".jar"))
        .filteredOn(jar -> Path.of(jar).startsWith(folder))
        .allMatch(jar -> jar.endsWith("classes.jar"));
  }
}
