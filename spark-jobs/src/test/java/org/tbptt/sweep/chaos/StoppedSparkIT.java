package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.StoppingFileSystem;

/** Spark stops under a command that reads tables, as when a cluster's manager ends the program. */
class StoppedSparkIT {

  private static final Path RESULTS = Path.of("../docs/results/ptb").toAbsolutePath().normalize();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"compare", "report|--output|report.html", "sql|TABLE trials"})
  @Tag("long")
  void isToldInOneLine(String command) throws Exception {
    Map<String, String> spark = new HashMap<>(Map.of("spark.master", "local[1]"));
    OddFileSystem.settings(StoppingFileSystem.class)
        .forEach((key, value) -> spark.put("spark.hadoop." + key, value));
    String words = command + "|--results|stopping:" + RESULTS;

    try (SweepProcess run = SweepProcess.sweep(folder, spark, words.split("\\|", -1))) {
      assertThat(run.exit()).as(run.output()).isEqualTo(1);
      assertThat(run.output())
          .containsOnlyOnce("submit.sh: Spark has stopped: ")
          .doesNotContain("\tat org.tbptt.");
    }
  }
}
