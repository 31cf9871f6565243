package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.train.Checkpoint;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.StopCondition;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrainingListener;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.sweep.ClearedFileSystem;
import org.tbptt.sweep.FullFileSystem;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;

class CheckpointFolderTest {

  private static final Comparator<EpochMetrics> BY_LOSS =
      Comparator.comparingDouble(EpochMetrics::validLoss);

  @TempDir private Path folder;
  @TempDir private Path local;
  private final List<EpochMetrics> metrics = new ArrayList<>();
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
    corpus = config.loadCorpus();
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
    Instant saved = Files.getLastModifiedTime(files().get(1)).toInstant();
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(checkpoints.beginAttempt()).isEqualTo(attempt);
    }
    List<Path> attempts = files("attempt-*");
    for (int each = 0; each < 3; each++) {
      Files.setLastModifiedTime(attempts.get(each), FileTime.from(saved.plusSeconds(each)));
    }

    assertThat(kept()).isEqualTo(new KeptProgress(newest, 2));
  }

  @Test
  void aTrialWithoutAFolderHasComeNowhere() throws IOException {
    assertThat(KeptProgress.of(hadoop(folder.resolve("gone")), new Configuration()))
        .isEqualTo(KeptProgress.NONE);
    assertThat(KeptProgress.ofAll(hadoop(folder.resolve("gone")), Set.of(), new Configuration()))
        .isEmpty();
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

  @Test
  void aFolderThatIsDeletedDuringAWriteStaysAway() throws IOException {
    Path place = folder.resolve("cleared");
    Configuration clearing = new Configuration();
    OddFileSystem.register(ClearedFileSystem.class, clearing);
    try (BestModel model = model(KeepModels.ALL)) {
      CheckpointFolder kept = in("cleared:" + place, clearing, model);
      assertThat(kept.beginAttempt()).isOne();
      new Trainer(
              spec, corpus, 1, new Following(model), kept, Duration.ofNanos(1), StopCondition.NEVER)
          .train();
      kept.storeModel();
    }

    assertThat(place).doesNotExist();
    assertThat(reported)
        .isNotEmpty()
        .allMatch(line -> line.endsWith(" cannot be written: its folder is gone"));
  }

  @Test
  void besideTheCheckpointsAreTheModelOfTheBestEpochAndTheOneBefore() throws IOException {
    int best = metrics.indexOf(metrics.stream().min(BY_LOSS).orElseThrow()) + 1;
    List<Path> models = files("model-*");

    assertThat(models).hasSizeBetween(1, 2);
    assertThat(models.get(models.size() - 1)).hasFileName("model-00000" + best + ".safetensors");
    try (InputStream in = Files.newInputStream(models.get(models.size() - 1));
        StoredModel model = StoredModel.read(in, Files.size(models.get(models.size() - 1)))) {
      assertThat(model.card().epoch()).isEqualTo(metrics.get(best - 1));
    }
  }

  @Test
  void anAttemptThatIsBehindLeavesTheModelsOfTheOneAhead() throws IOException {
    for (Path file : files("*.safetensors")) {
      Files.delete(file);
    }
    for (String ahead : List.of("model-000009.safetensors", "model-000010.safetensors")) {
      Files.createFile(folder.resolve(ahead));
    }
    trainIn(folder);

    assertThat(files("model-*"))
        .extracting(file -> file.getFileName().toString())
        .contains("model-000009.safetensors", "model-000010.safetensors")
        .hasSizeBetween(3, 4);
  }

  @Test
  void aModelThatCannotBeStoredIsStoredWithTheNextCheckpoint() throws IOException {
    Path full = folder.resolve("disk-is-full");
    Configuration filling = new Configuration();
    OddFileSystem.register(FullFileSystem.class, filling);
    filling.set(FullFileSystem.SWITCH, full.toString());
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    try (BestModel model = model(KeepModels.ALL)) {
      CheckpointFolder kept = in("full:" + elsewhere, filling, model);
      Files.createFile(full);
      new Trainer(spec, corpus, new Following(model)).train();
      kept.storeModel();
      assertThat(model.epoch()).isPresent();
      assertThat(elsewhere).isEmptyDirectory();

      Files.delete(full);
      kept.storeModel();
      assertThat(model.epoch()).isEmpty();
      assertThat(elsewhere).isDirectoryContaining("glob:**/model-*.safetensors");
    }
  }

  @Test
  void whereNoModelsAreKeptNoneIsStored() throws IOException {
    try (BestModel model = model(KeepModels.NONE)) {
      new Trainer(spec, corpus, new Following(model)).train();
      assertThat(model.epoch()).isEmpty();
    }
    assertThat(local).isEmptyDirectory();
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
    try (BestModel model = model(KeepModels.ALL)) {
      CheckpointFolder kept = in("" + hadoop(place), new Configuration(), model);
      new Trainer(
              spec, corpus, 1, new Following(model), kept, Duration.ofNanos(1), StopCondition.NEVER)
          .train();
      kept.storeModel();
      return kept;
    }
  }

  private CheckpointFolder in(String place, Configuration hadoop, BestModel model)
      throws IOException {
    return new CheckpointFolder(
        trial(), new org.apache.hadoop.fs.Path(place), hadoop, model, () -> {}, this::heard);
  }

  private BestModel model(KeepModels keep) {
    return new BestModel("test", trial(), corpus, keep, local);
  }

  private PlannedTrial trial() {
    return new PlannedTrial(TrialIdentity.of(spec, corpus.id()), spec, "label");
  }

  /** Tells a model of the epochs that are better than all before. */
  private final class Following implements TrainingListener {

    private final BestModel model;

    Following(BestModel model) {
      this.model = model;
      metrics.clear();
    }

    @Override
    public void epochEnded(EpochMetrics ended) {
      metrics.add(ended);
    }

    @Override
    public void improved(EpochMetrics ended, RnnCore core) {
      model.improved(ended, core);
    }
  }

  private KeptProgress kept() throws IOException {
    return KeptProgress.ofAll(hadoop(folder.getParent()), Set.of(), new Configuration())
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

  /** The checkpoints. */
  private List<Path> files() throws IOException {
    return files("e*.safetensors");
  }

  private List<Path> files(String pattern) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      List<Path> sorted = new ArrayList<>();
      files.forEach(sorted::add);
      Collections.sort(sorted);
      return sorted;
    }
  }
}
