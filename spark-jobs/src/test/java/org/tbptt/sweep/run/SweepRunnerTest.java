package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.results.TrialResult;

class SweepRunnerTest {

  @TempDir private Path folder;

  @Test
  void everyTrialOfTheGridBecomesARowWithAllItsEpochs() throws Exception {
    Run run = run("sweep.grid.learning-rate=[0.01,0.001]");

    assertThat(run.endings()).isEqualTo(Map.of(TrialStatus.COMPLETED, 4));
    assertThat(run.heard()).hasSize(4);
    List<Row> trials = store().table(Tables.TRIALS).collectAsList();
    assertThat(trials)
        .extracting(row -> row.<String>getAs("trial_id"))
        .containsExactlyInAnyOrderElementsOf(
            run.plan().trials().stream().map(PlannedTrial::id).toList());
    assertThat(trials).allMatch(row -> row.<Double>getAs("best_valid_loss") < 1);
    assertThat(store().table(Tables.EPOCHS).groupBy("trial_id").count().collectAsList())
        .hasSize(4)
        .allMatch(row -> row.<Long>getAs("count") == 2);
  }

  @Test
  void theSameSweepAgainTrainsNothing() throws Exception {
    run();
    Run again = run();

    assertThat(again.heard()).isEmpty();
    assertThat(again.plan().missing()).isEmpty();
    assertThat(store().table(Tables.TRIALS).count()).isEqualTo(2);
  }

  @Test
  void whatADriverHadHalfWrittenWhenItWasKilledIsNotThereTwice() throws Exception {
    List<TrialResult> together = run("sweep.grid.seed=[1,2]").heard();
    ResultsStore other = elsewhere();
    other.append(together);
    Files.move(folder.resolve("other/trials"), folder.resolve("as if it was killed before"));

    Run again = run(other, "sweep.grid.seed=[1,2]");

    assertThat(again.heard()).hasSameSizeAs(together);
    assertThat(losses(other)).isEqualTo(losses(store()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"epochs", "lags", "bias"})
  void trialsThatHaveLostRowsAreTrainedAgainAndHaveTheSame(String table) throws Exception {
    String measure = "sweep.diagnostics={windows=1,max-lag=5}";
    run(measure);
    List<Row> before = losses(store());
    long rows = rows(table);
    for (Path file : files(table)) {
      Files.writeString(file, "PAR1 and no more");
    }
    assertThat(rows(table)).isZero();

    Run again = run(measure);

    assertThat(again.heard()).hasSize(2);
    assertThat(rows(table)).isEqualTo(rows).isPositive();
    assertThat(losses(store())).isEqualTo(before);
    assertThat(run(measure).heard()).isEmpty();
  }

  private long rows(String table) {
    ResultsStore.tableNames().forEach(store()::registerView);
    return LocalSpark.session().table(table).count();
  }

  private List<Path> files(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("results/" + table + "/sweep=test"))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).toList();
    }
  }

  @Test
  void aLargerSweepTrainsOnlyWhatIsMissing() throws Exception {
    run("sweep.grid.seed=[1]");
    Run larger = run("sweep.grid.seed=[1,2]");

    assertThat(larger.heard()).hasSize(2).allMatch(result -> result.spec().seed() == 2);
    assertThat(store().table(Tables.TRIALS).count()).isEqualTo(4);
  }

  @Test
  void trialsOfAnEarlierGridCountAmongThoseOfTheSweep() throws Exception {
    run("sweep.grid.seed=[1]");
    Run other = run("sweep.grid.seed=[2]", "sweep.grid.style=tf");

    assertThat(other.heard()).hasSize(1);
    assertThat(store().table(Tables.SWEEPS).select("planned_trials").collectAsList())
        .containsExactly(RowFactory.create(3));
  }

  @Test
  void theNumbersDoNotDependOnTheSlots() throws Exception {
    run();
    List<Row> once = losses(store());
    ResultsStore elsewhere = elsewhere();
    run(elsewhere, "sweep.grid.seed=[2,1]");

    List<Row> again =
        elsewhere
            .table(Tables.EPOCHS)
            .join(elsewhere.table(Tables.TRIALS).where("seed = 1").select("trial_id"), "trial_id")
            .select("trial_id", "epoch", "train_loss", "valid_loss")
            .orderBy("trial_id", "epoch")
            .collectAsList();
    assertThat(again).isEqualTo(once);
  }

  @Test
  void aTrialThatDivergesIsARowLikeAnyOther() throws Exception {
    Run run = run("sweep.grid.learning-rate=[0.01,1e38]");

    assertThat(run.endings()).isEqualTo(Map.of(TrialStatus.COMPLETED, 2, TrialStatus.DIVERGED, 2));
    assertThat(store().table(Tables.TRIALS).where("status = 'DIVERGED'").collectAsList())
        .hasSize(2)
        .allMatch(row -> row.getAs("best_valid_loss") == null)
        .allMatch(row -> row.<String>getAs("reason").contains("epoch 1, window"));
  }

  @Test
  void whatNeedsMoreMemoryThanThereIsKeepsItsRowsAndItsReasons() throws Exception {
    String[] settings = {"sweep.model.state-size=60000", "sweep.grid.style=tf"};
    Plan plan = plan(store(), settings);
    TrialSpec spec = plan.trials().get(0).spec();
    store()
        .append(TestTrials.result("test", plan.corpus().id(), spec, TrialStatus.FAILED, 0.7, 0.6));

    Plan again = plan(store(), true, settings);
    Consumer<SweepEvent> nobody =
        event -> {
          throw new AssertionError("nothing is to be started");
        };
    assertThat(again.missing()).hasSize(1);
    assertThatThrownBy(() -> runner(store()).run(again, nobody))
        .isInstanceOf(InvalidConfException.class)
        .hasMessageContaining(" MB outside the heap");

    assertThat(new File(store().checkpoints("test").toUri())).doesNotExist();
    assertThat(store().table(Tables.TRIALS).select("reason").collectAsList())
        .containsExactly(RowFactory.create("because of a reason"));
    assertThat(store().table(Tables.EPOCHS).count()).isEqualTo(2);
    assertThat(store().table(Tables.SWEEPS).count()).isZero();
  }

  @Test
  @Timeout(120)
  void anotherDriverThatGoesOnWithATrialHearsOfItsEpochs() throws Exception {
    Plan plan = plan(store(), "sweep.grid.style=true", "sweep.training.epochs=1000000");
    Impatient first = new Impatient();
    assertThatThrownBy(() -> runner(store()).run(plan, first))
        .isInstanceOf(InterruptedException.class);

    Impatient second = new Impatient();
    assertThatThrownBy(() -> runner(store()).run(plan, second))
        .isInstanceOf(InterruptedException.class);

    assertThat(second.from.epoch()).isGreaterThan(1);
    assertThat(second.epochs.get(0)).isEqualTo(second.from.epoch());
    List<Integer> written =
        store().table(Tables.EPOCHS).select("epoch").as(Encoders.INT()).collectAsList();
    assertThat(written).contains(1).doesNotHaveDuplicates();
  }

  /** Interrupts the driver at the end of an epoch, once there are a checkpoint and rows. */
  private final class Impatient implements Consumer<SweepEvent> {

    private final List<Integer> epochs = new ArrayList<>();
    private TrainingProgress from;
    private boolean interrupted;

    @Override
    public void accept(SweepEvent event) {
      if (event instanceof SweepEvent.TrialStarted begun) {
        from = begun.from();
      } else if (event instanceof SweepEvent.EpochFinished epoch) {
        epochs.add(epoch.metrics().epoch());
        if (!interrupted && there("checkpoints", ".safetensors") && there("epochs", ".parquet")) {
          interrupted = true; // once: more epochs are told of while the driver ends
          Thread.currentThread().interrupt();
        }
      }
    }

    private boolean there(String table, String suffix) {
      try (Stream<Path> files = Files.walk(folder.resolve("results").resolve(table))) {
        return files.anyMatch(file -> file.toString().endsWith(suffix));
      } catch (IOException | UncheckedIOException notYet) {
        return false; // or gone while it was looked at
      }
    }
  }

  @Test
  void theLongestTrialsGoFirst() throws IOException {
    Plan plan = plan(store(), "sweep.grid.style=true", "sweep.grid.\"training.epochs\"=[1,3,2]");

    assertThat(plan.missing())
        .extracting(trial -> trial.spec().training().epochs())
        .containsExactly(3, 2, 1);
  }

  @ParameterizedTest
  @CsvSource({"2, false, longest first", "3, false, last", "3, true, longest first"})
  void whatDriversHaveDiedOfThreeTimesWithoutGettingFurtherGoesLast(
      int attempts, boolean checkpointAfterThem, String place) throws Exception {
    ResultsStore store = store();
    String[] settings = {
      "sweep.grid.style=true", "sweep.grid.\"training.epochs\"=[9,1,2,3,4,5,6,7,8]"
    };
    PlannedTrial longest = plan(store, settings).missing().get(0);
    Path begun =
        Files.createDirectories(
            folder.resolve("results/checkpoints/sweep=test").resolve(longest.id()));
    for (int attempt = 1; attempt <= attempts; attempt++) {
      Path file = Files.createFile(begun.resolve("attempt-" + attempt));
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
    }
    if (checkpointAfterThem) {
      Files.createFile(begun.resolve("0000000001-of-an-older-version.safetensors"));
    }

    Run run = run(store, settings);

    List<String> ended = run.heard().stream().map(TrialResult::trialId).toList();
    assertThat(ended).hasSize(9).contains(longest.id());
    if (place.equals("last")) {
      assertThat(run.deferred()).containsExactly(new SweepEvent.TrialDeferred(longest, 3));
      assertThat(run.begun().indexOf(longest.id())).isGreaterThan(6);
    } else {
      assertThat(run.deferred()).isEmpty();
      assertThat(run.begun().indexOf(longest.id())).isLessThan(2); // there are two slots
    }
  }

  /**
   * What a run gave.
   *
   * @param heard the results in the order in which they came
   * @param begun the trials' ids in the order in which they began
   * @param deferred trials that were to be trained last
   */
  private record Run(
      Plan plan,
      Map<TrialStatus, Integer> endings,
      List<TrialResult> heard,
      List<String> begun,
      List<SweepEvent> deferred) {}

  private Run run(String... settings) throws Exception {
    return run(store(), settings);
  }

  private Run run(ResultsStore store, String... settings) throws Exception {
    Plan plan = plan(store, settings);
    List<TrialResult> heard = new ArrayList<>();
    List<String> begun = new ArrayList<>();
    List<SweepEvent> deferred = new ArrayList<>();
    Consumer<SweepEvent> events =
        event -> {
          if (event instanceof SweepEvent.SweepStarted sweep) {
            assertThat(sweep.plan().trials()).isEqualTo(plan.trials());
          } else if (event instanceof SweepEvent.TrialStarted trial) {
            begun.add(trial.trial().id());
          } else if (event instanceof SweepEvent.TrialDeferred) {
            deferred.add(event);
          } else if (event instanceof SweepEvent.TrialFinished end) {
            heard.add(end.result());
            assertThat(end.finished()).isEqualTo(heard.size());
          }
        };
    return new Run(plan, runner(store).run(plan, events), heard, begun, deferred);
  }

  private static SweepRunner runner(ResultsStore store) {
    SparkSession spark = LocalSpark.session();
    return new SweepRunner(JavaSparkContext.fromSparkContext(spark.sparkContext()), store, "test");
  }

  private Plan plan(ResultsStore store, String... settings) throws IOException {
    return plan(store, false, settings);
  }

  private Plan plan(ResultsStore store, boolean retryFailed, String... settings)
      throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid { truncation = {bptt-steps = 5, seq-len = 10}, learning-rate = 0.01 }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 2, batch-size = 20 }
            }
            """);
    SweepConfig config = SweepConfig.load(conf, List.of(settings));
    Corpus corpus = config.loadCorpus();
    return Plan.of(config, Grid.expand(config), corpus, store, retryFailed);
  }

  private static List<Row> losses(ResultsStore store) {
    return store
        .table(Tables.EPOCHS)
        .select("trial_id", "epoch", "train_loss", "valid_loss")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }

  private ResultsStore store() {
    return new ResultsStore(LocalSpark.session(), folder.resolve("results").toString());
  }

  private ResultsStore elsewhere() {
    return new ResultsStore(LocalSpark.session(), folder.resolve("other").toString());
  }
}
