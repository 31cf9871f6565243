package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.StoredModel;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.results.TestLoss;
import org.tbptt.sweep.results.TrialResult;

class KeptModelsTest {

  @TempDir private Path folder;

  @Test
  void theBestTrialOfEachStyleKeepsItsBestEpochsWeights() throws Exception {
    run("sweep.grid.learning-rate=[0.02,0.005,0.0001]");

    Map<String, Row> bestOfStyle = new HashMap<>();
    for (Row trial : trials()) {
      bestOfStyle.merge(trial.getAs("style"), trial, (a, b) -> loss(a) <= loss(b) ? a : b);
    }
    assertThat(bestOfStyle).containsOnlyKeys("true", "tf");
    for (Row trial : trials()) {
      boolean best = loss(bestOfStyle.get(trial.<String>getAs("style"))) == loss(trial);
      String id = trial.getAs("trial_id");
      assertThat(trial.<String>getAs("model"))
          .isEqualTo(best ? "file:" + modelFolder() + "/" + id + ".safetensors" : null);
    }
    assertThat(files()).hasSize(2);
    Row best = bestOfStyle.get("true");
    try (StoredModel model = store().models().read("test", best.getAs("trial_id"))) {
      assertThat(model.card().epoch().validLoss()).isEqualTo(loss(best));
      assertThat(model.card().epoch().epoch()).isEqualTo(best.<Integer>getAs("best_epoch"));
      assertThat(model.card().corpusId()).isEqualTo(best.<String>getAs("corpus_id"));
      assertThat(model.card().spec().truncation().style()).isEqualTo("true");
    }
  }

  @Test
  void allKeepsEveryTrialsAndNoneNobodys() throws Exception {
    run("sweep.keep-models=all", "sweep.grid.learning-rate=[0.02,0.005]");
    assertThat(files()).hasSize(4);
    assertThat(trials()).allMatch(trial -> trial.getAs("model") != null);

    run("sweep.name=nothing", "sweep.keep-models=none");
    assertThat(trials().stream().filter(trial -> trial.getAs("sweep").equals("nothing")))
        .hasSize(2)
        .allMatch(trial -> trial.getAs("model") == null);
  }

  @Test
  void aLargerSweepReplacesWhatIsNoLongerTheBest() throws Exception {
    run("sweep.grid.style=tf", "sweep.grid.learning-rate=[0.0001]");
    List<String> first = files();
    run("sweep.grid.style=tf", "sweep.grid.learning-rate=[0.0001,0.02]");

    assertThat(first).hasSize(1);
    assertThat(files()).hasSize(1).isNotEqualTo(first);
    run("sweep.grid.style=tf", "sweep.grid.learning-rate=[0.0001,0.02,0.00001]");
    assertThat(files()).hasSize(1).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "all", "best"})
  void aTrialThatGoesOnAfterItWasStoppedHasNoModelOfAnEarlierEpoch(String keep) throws Exception {
    String[] sweep = {
      "sweep.grid.style=tf",
      "sweep.grid.learning-rate=[0.001,0.003,0.01,0.0003]",
      "sweep.training.epochs=4"
    };
    run(sweep, "sweep.stopping={kind=successive-halving,factor=2}", "sweep.keep-models=all");
    assertThat(trials()).anyMatch(trial -> trial.getAs("status").equals("STOPPED"));
    Map<String, TestLoss> tested = new HashMap<>();
    for (Row trial : trials()) {
      String id = trial.getAs("trial_id");
      int epoch = trial.<Integer>getAs("best_epoch");
      tested.put(id, new TestLoss("test", id, 0.5, "nd4j", null, 1000, epoch, "1", Instant.EPOCH));
    }

    run(sweep, "sweep.stopping.kind=none", "sweep.keep-models=" + keep);

    tested.values().forEach(loss -> store().put(loss)); // as if they were still there
    int kept = 0;
    int outdated = 0;
    for (Row trial : trials()) {
      assertThat(trial.<String>getAs("status")).isEqualTo("COMPLETED");
      String id = trial.getAs("trial_id");
      int epoch = trial.<Integer>getAs("best_epoch");
      if (trial.getAs("model") != null) {
        kept++;
        try (StoredModel model = store().models().read("test", id)) {
          assertThat(model.card().epoch().epoch()).isEqualTo(epoch);
        }
      }
      if (tested.get(id).epoch() != epoch) {
        outdated++;
        assertThat(trial.<Double>getAs("test_loss")).isNull();
      }
    }
    assertThat(outdated).isPositive();
    if (keep.equals("all")) {
      assertThat(kept).isEqualTo(4);
    } else {
      assertThat(kept).isBetween(1, 3); // at least that of the trial that was not stopped
    }
  }

  @Test
  void whatADriverThatWasKilledLeftIsPutInOrderByTheNext() throws Exception {
    run("sweep.keep-models=all", "sweep.grid.learning-rate=[0.02,0.0001]");
    // As when it was killed after the rows were written and before the models were renamed.
    for (Row trial : trials()) {
      String id = trial.getAs("trial_id");
      Path running = Files.createDirectories(checkpointFolder().resolve(id));
      Path kept = modelFolder().resolve(id + ".safetensors");
      Files.copy(kept, running.resolve("model-000099.safetensors"));
      int best = trial.<Integer>getAs("best_epoch");
      Files.move(kept, running.resolve("model-%06d.safetensors".formatted(best)));
    }
    assertThat(trials()).allMatch(trial -> trial.getAs("model") == null);

    run("sweep.grid.learning-rate=[0.02,0.0001]");

    assertThat(files()).hasSize(2);
    assertThat(trials().stream().filter(trial -> trial.getAs("model") != null))
        .extracting(trial -> trial.<Double>getAs("learning_rate"))
        .containsExactly(0.02, 0.02);
    assertThat(checkpointFolder()).isEmptyDirectory();
  }

  @Test
  void aModelThatIsDamagedOrGoneIsOneLine() throws Exception {
    run("sweep.grid.style=tf");
    String id = trials().get(0).getAs("trial_id");
    Path file = modelFolder().resolve(id + ".safetensors");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 7));
    Files.deleteIfExists(modelFolder().resolve("." + id + ".safetensors.crc"));

    assertThatThrownBy(() -> store().models().read("test", id))
        .isInstanceOf(ResultsException.class)
        .hasMessage(
            "the model file:%s cannot be read: the file has %d bytes, must have %d",
            file, whole.length - 7, whole.length);

    Files.delete(file);
    assertThatThrownBy(() -> store().models().read("test", id))
        .hasMessage("the model file:%s is not there", file);
  }

  private static double loss(Row trial) {
    return trial.<Double>getAs("best_valid_loss");
  }

  private Path checkpointFolder() {
    return folder.resolve("results/checkpoints/sweep=test");
  }

  private Path modelFolder() {
    return folder.resolve("results/models/sweep=test");
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(modelFolder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }

  private List<Row> trials() {
    return store().table(Tables.TRIALS).collectAsList();
  }

  private ResultsStore store() {
    return new ResultsStore(LocalSpark.session(), folder.resolve("results").toString());
  }

  private void run(String[] sweep, String... more) throws Exception {
    run(Stream.concat(Stream.of(sweep), Stream.of(more)).toArray(String[]::new));
  }

  private void run(String... settings) throws Exception {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid { truncation = [{bptt-steps = 5, seq-len = 10}], learning-rate = 0.01 }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 2, batch-size = 20 }
            }
            """);
    SweepConfig config = SweepConfig.load(conf, List.of(settings));
    Corpus corpus = config.loadCorpus();
    SparkSession spark = LocalSpark.session();
    ResultsStore store = store();
    Plan plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    List<TrialResult> heard = new ArrayList<>();
    new SweepRunner(JavaSparkContext.fromSparkContext(spark.sparkContext()), store, "1")
        .run(
            plan,
            event -> {
              if (event instanceof SweepEvent.TrialFinished end) {
                heard.add(end.result());
              }
            });
    assertThat(heard).hasSize(plan.missing().size());
  }
}
