package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files that are torn, and a disk that is full. */
class DamagedFilesIT extends DisturbedSweep {

  @Test
  @Tag("long")
  void checkpointsThatAreTornOrHaveABitFlipped() throws Exception {
    stopHalfWay();
    List<Path> newest = newestCheckpoints();
    assertThat(newest).isNotEmpty();
    for (int i = 0; i < newest.size(); i++) {
      byte[] bytes = Files.readAllBytes(newest.get(i));
      if (i % 2 == 0) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2 / 3);
      } else {
        bytes[bytes.length - 100] ^= 4;
      }
      Files.write(newest.get(i), bytes);
      Files.deleteIfExists(crc(newest.get(i)));
    }
    String output = finish(LOCAL);
    for (Path damaged : newest) {
      assertThat(output).contains(damaged + " is not used: the file ");
    }
  }

  @Test
  @Tag("long")
  void aTableFileThatIsCutOff() throws Exception {
    finish(LOCAL);
    Path file;
    try (Stream<Path> files = Files.list(results.resolve("trials/sweep=chaos"))) {
      file = files.filter(each -> each.toString().endsWith(".parquet")).sorted().toList().get(0);
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    Files.deleteIfExists(crc(file));

    try (SweepProcess sql =
        SweepProcess.sweep(
            folder,
            LOCAL,
            "sql",
            "SELECT count(*) AS trials FROM trials",
            "--results",
            "" + results)) {
      assertThat(sql.exit()).isZero();
      assertThat(sql.output()).contains(file + " is damaged and left out");
    }
    assertThat(finish(LOCAL)).contains("_damaged-" + file.getFileName());
  }

  @Test
  @Tag("long")
  void aDiskThatIsFull() throws Exception {
    Path full = folder.resolve("disk-is-full");
    Map<String, String> filling =
        Map.of("spark.master", "local[2]", "spark.hadoop.fs.full.switch", full.toString());
    try (SweepProcess run =
        SweepProcess.sweep(folder, filling, "run", "" + conf, "--results", "full:" + results)) {
      run.awaitOutput("[1/" + TRIALS + "]");
      Files.createFile(full);
      assertThat(run.exit()).as(run.output()).isEqualTo(2);
      assertThat(run.output())
          .containsPattern("submit.sh: cannot write .*: No space left on device");
    }
    assertThat(epochs(results)).isNotEmpty();
    finish(LOCAL);
  }

  private void stopHalfWay() throws Exception {
    try (SweepProcess run = start(LOCAL)) {
      run.awaitOutput("epoch 6");
      assertThat(run.kill()).isTrue();
    }
  }

  /** The newest of each trial that has two. */
  private List<Path> newestCheckpoints() throws IOException {
    try (Stream<Path> trials = Files.list(results.resolve("checkpoints/sweep=chaos"))) {
      return trials
          .filter(Files::isDirectory)
          .map(DamagedFilesIT::checkpoints)
          .filter(checkpoints -> !checkpoints.isEmpty())
          .map(checkpoints -> checkpoints.get(checkpoints.size() - 1))
          .toList();
    }
  }

  private static List<Path> checkpoints(Path trial) {
    try (Stream<Path> files = Files.list(trial)) {
      return files
          .filter(file -> file.getFileName().toString().matches("e.*\\.safetensors"))
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static Path crc(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".crc");
  }
}
