package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.store.ModelCard;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.FullFileSystem;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.TestTrials;

class ModelStoreTest {

  private static final String TRIAL = "0123456789abcdef";

  @TempDir private Path folder;

  @Test
  void ofARunningTrialTheBestModelAndTheOneBeforeItAreKept() throws IOException {
    ModelStore models = models(folder.toString(), new Configuration());
    for (int epoch : List.of(1, 2, 4, 9, 10, 12)) {
      models.writeRunning(model(epoch));
    }

    assertThat(running()).containsExactly("10", "12");
    assertThat(models.keep("a", new BestEpoch(TRIAL, "tf", 12, 1))).isTrue();
    try (StoredModel kept = models.read("a", TRIAL)) {
      assertThat(kept.card().epoch().epoch()).isEqualTo(12);
    }
  }

  @Test
  void theBestModelStaysUntilTheNextIsComplete() throws IOException {
    Path full = folder.resolve("disk-is-full");
    Configuration filling = new Configuration();
    OddFileSystem.register(FullFileSystem.class, filling);
    filling.set(FullFileSystem.SWITCH, full.toString());
    ModelStore models = models("full:" + folder, filling);
    models.writeRunning(model(1));
    models.writeRunning(model(2));
    Files.createFile(full);

    assertThatThrownBy(() -> models.writeRunning(model(3))).hasMessage("No space left on device");
    assertThat(running()).containsExactly("2");
    assertThat(models.keep("a", new BestEpoch(TRIAL, "tf", 2, 1))).isTrue();
  }

  @Test
  void anAttemptThatIsBehindLeavesTheModelsOfTheOneAhead() throws IOException {
    ModelStore models = models(folder.toString(), new Configuration());
    for (int epoch : List.of(3, 9, 10)) {
      models.writeRunning(model(epoch));
    }
    models.writeRunning(model(5)); // from a checkpoint after epoch 4
    assertThat(running()).containsExactly("5", "9", "10");

    models.writeRunning(model(9));
    models.writeRunning(model(10));
    assertThat(running()).containsExactly("9", "10");
  }

  private static ModelStore models(String results, Configuration hadoop) {
    return new ModelStore(new Layout(new org.apache.hadoop.fs.Path(results)), hadoop);
  }

  /** The epochs whose models are there. */
  private Stream<String> running() throws IOException {
    TreeSet<Integer> epochs = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder.resolve("models/sweep=a/_running/" + TRIAL))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .forEach(name -> epochs.add(Integer.valueOf(name.replace(".safetensors", ""))));
    }
    return epochs.stream().map(String::valueOf);
  }

  private static StoredModel model(int epoch) {
    ModelCard card =
        new ModelCard(
            "a",
            TRIAL,
            TestTrials.PTB,
            4,
            "words",
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            "nd4j",
            new EpochMetrics(epoch, 5, Double.NaN, 5.5, 5, 0.25, 0, 1.5, 1000, 0.5));
    return new StoredModel(
        card, Parameters.initial(card.spec().model(), card.shape(), 1, DataType.FLOAT));
  }
}
