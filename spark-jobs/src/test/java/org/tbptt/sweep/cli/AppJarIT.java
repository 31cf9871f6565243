package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that goes to a cluster. Spark looks for classes among its own jars first. */
class AppJarIT {

  private static final Path APP = Path.of("target/tbptt-sweep-app.jar");
  private static final Path SPARK = Path.of("spark-home/target/spark-home/jars");

  /**
   * A Spark download has more jars than the Spark that the build makes, some of them much older:
   * what the app needs in another version is relocated.
   */
  @Test
  void classesThatSparkHasTooAreThoseOfItsVersion() throws IOException {
    Set<String> own = classes(APP);
    Set<String> shared = new TreeSet<>();
    try (Stream<Path> jars = Files.list(SPARK)) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        if (classes(jar).stream().anyMatch(own::contains)) {
          shared.add(jar.getFileName().toString());
        }
      }
    }

    assertThat(own).contains("org/tbptt/sweep/cli/TbpttSweep.class");
    assertThat(shared)
        .containsExactly(
            "commons-collections-3.2.2.jar",
            "flatbuffers-java-1.12.0.jar",
            "guava-16.0.1.jar", // the list of public suffixes, which nobody here uses
            "joda-time-2.12.5.jar",
            "jsr305-3.0.2.jar");
  }

  private static Set<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      List<String> names =
          file.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
              .toList();
      return new HashSet<>(names);
    }
  }
}
