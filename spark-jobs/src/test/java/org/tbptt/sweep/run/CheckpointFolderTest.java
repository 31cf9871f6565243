package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.train.Checkpoint;
import org.tbptt.model.train.StopCondition;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrainingListener;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;

class CheckpointFolderTest {

  @TempDir private Path folder;
  private final List<String> reported = new ArrayList<>();
  private final List<String> saved = new ArrayList<>();
  private Corpus corpus;
  private TrialSpec spec;
  private CheckpointFolder checkpoints;

  @BeforeEach
  void trainAndKeepTheLastTwo() throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 600, valid-length = 300, test-length = 300 }
              grid { truncation = {bptt-steps = 5, seq-len = 10}, style = tf, learning-rate = 0.01 }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 2, batch-size = 20 }
            }
            """);
    SweepConfig config = SweepConfig.load(conf, List.of());
    corpus = config.corpus().load();
    spec = Grid.expand(config).trials().get(0);
    checkpoints = trainIn(folder);
    assertThat(files()).hasSize(2);
  }

  @Test
  void theOneThatHasComeFurthestIsTaken() throws IOException {
    assertThat(taken()).contains(files().get(1));
    assertThat(reported).isEmpty();
  }

  @Test
  void whatIsSavedIsToldAndFoundByTheDriver() throws IOException {
    String newest = saved.get(saved.size() - 1);
    assertThat(files().get(1)).hasFileName(newest + ".safetensors");
    assertThat(kept()).isEqualTo(new KeptProgress(newest, 0));
  }

  @Test
  void attemptsAfterTheNewestCheckpointAreStartsInVain() throws IOException {
    String newest = kept().position();
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(checkpoints.beginAttempt()).isEqualTo(attempt);
      Path file = folder.resolve("attempt-" + attempt);
      Instant now = Files.getLastModifiedTime(files().get(1)).toInstant();
      Files.setLastModifiedTime(file, FileTime.from(now.plusSeconds(attempt - 1)));
    }

    assertThat(kept()).isEqualTo(new KeptProgress(newest, 2));
  }

  @Test
  void aTrialWithoutAFolderHasComeNowhere() throws IOException {
    assertThat(KeptProgress.of(hadoop(folder.resolve("gone")), new Configuration()))
        .isEqualTo(KeptProgress.NONE);
    assertThat(KeptProgress.ofAll(hadoop(folder.resolve("gone")), new Configuration())).isEmpty();
  }

  @Test
  void ifItIsTornTheOneBeforeIsTaken() throws IOException {
    Path before = files().get(0);
    Path newest = files().get(1);
    long whole = Files.size(newest);
    tear(newest);

    assertThat(taken()).contains(before);
    assertThat(reported)
        .containsExactly(
            "checkpoint file:%s is not used: the file has %d bytes, must have %d"
                .formatted(newest, whole - 100, whole));
    assertThat(files()).containsExactly(before);
  }

  @Test
  void ifAllAreTornNoneIs() throws IOException {
    for (Path file : files()) {
      tear(file);
    }

    assertThat(taken()).isEmpty();
    assertThat(reported).hasSize(2);
    assertThat(files()).isEmpty();
  }

  @Test
  void whatIsSavedAfterThoseOfAnotherInstructionSetWereRefusedIsFoundAgain() throws IOException {
    beOf("isa", "another");
    TrainingListener stopping =
        metrics -> {
          throw new IllegalStateException("stopped");
        };
    Trainer stopped =
        new Trainer(
            spec, corpus, 1, stopping, checkpoints, Duration.ofNanos(1), StopCondition.NEVER);
    assertThatThrownBy(stopped::train).hasMessage("stopped");

    assertThat(reported)
        .singleElement(as(STRING))
        .startsWith("checkpoints in file:" + folder)
        .contains(" are not used: of ", " another, and this is ");
    // Those that were refused had come further.
    assertThat(taken().orElseThrow()).isLessThan(folder.resolve("e000002-w000000001.safetensors"));
  }

  @Test
  void thoseOfAnotherFormatAreDeleted() throws IOException {
    beOf("format", "tbptt-checkpoint 0");

    assertThat(taken()).isEmpty();
    assertThat(reported)
        .hasSize(2)
        .allMatch(
            line ->
                line.endsWith(
                    " is not used: format = tbptt-checkpoint 0: must be tbptt-checkpoint 1"));
    assertThat(files()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trial_id",
        "engine",
        "isa",
        "started_at",
        "epochs",
        "diagnoses",
        "running",
        "counters"
      })
  void whereOneDoesNotTellWhatItHasToTheOneBeforeIsTaken(String key) throws IOException {
    List<Path> kept = files();
    change(kept.get(1), metadata -> metadata.remove(key));

    assertThat(taken()).contains(kept.get(0));
    assertThat(reported)
        .containsExactly(
            "checkpoint file:%s is not used: it has no %s".formatted(kept.get(1), key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"epochs", "diagnoses", "running", "counters"})
  void whereOneTellsNothingTheOneBeforeIsTaken(String key) throws IOException {
    List<Path> kept = files();
    change(kept.get(1), metadata -> metadata.put(key, "null"));

    assertThat(taken()).contains(kept.get(0));
    assertThat(reported).hasSize(1);
  }

  @Test
  void aFolderThatIsGoneStaysAway() throws IOException {
    Path gone = folder.resolve("gone");
    trainIn(gone);

    assertThat(gone).doesNotExist();
    assertThat(reported)
        .isNotEmpty()
        .allMatch(line -> line.startsWith("checkpoint file:" + gone))
        .allMatch(line -> line.endsWith(" cannot be written: its folder is gone"));
  }

  /** Lets the checkpoints be of something else than they are. */
  private void beOf(String key, String value) throws IOException {
    for (Path path : files()) {
      change(path, metadata -> metadata.put(key, value));
    }
  }

  private static void change(Path path, Consumer<Map<String, String>> change) throws IOException {
    try (InputStream in = Files.newInputStream(path);
        TensorFile file = Safetensors.read(in, Files.size(path))) {
      Map<String, String> metadata = new HashMap<>(file.metadata());
      change.accept(metadata);
      try (OutputStream out = Files.newOutputStream(path)) {
        Safetensors.write(new TensorFile(metadata, file.matrices()), out);
      }
    }
    Files.delete(path.resolveSibling("." + path.getFileName() + ".crc"));
  }

  private CheckpointFolder trainIn(Path place) throws IOException {
    CheckpointFolder kept =
        new CheckpointFolder(
            new PlannedTrial(TrialIdentity.of(spec, corpus.id()), spec, "label"),
            hadoop(place),
            new Configuration(),
            () -> {},
            this::heard);
    new Trainer(spec, corpus, 1, metrics -> {}, kept, Duration.ofNanos(1), StopCondition.NEVER)
        .train();
    return kept;
  }

  private KeptProgress kept() throws IOException {
    return KeptProgress.ofAll(hadoop(folder.getParent()), new Configuration())
        .get(folder.getFileName().toString());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  private void heard(SweepEvent.OfTrial event) {
    if (event instanceof SweepEvent.CheckpointFailed failed) {
      reported.add(failed.problem());
    } else if (event instanceof SweepEvent.CheckpointSaved checkpoint) {
      saved.add(checkpoint.position());
    }
  }

  /** The file that a trial would go on from. */
  private Optional<Path> taken() {
    Optional<Checkpoint> newest = checkpoints.newest();
    newest.ifPresent(Checkpoint::close);
    return newest.map(found -> folder.resolve(found.position() + ".safetensors"));
  }

  /**
   * As a machine leaves it that loses its power: with half of its bytes, and no checksum beside.
   */
  private static void tear(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }
}
