package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.ObjectStoreFileSystem;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/** Sweeps whose results are in an object store, and the requests that they take. */
class ObjectStoreTest {

  /** Of a trial: its attempt, its model, and what is deleted when its rows are written. */
  private static final int MOST_REQUESTS = 18;

  @TempDir private Path folder;

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());

  @Test
  void aSmallTrialTakesFewRequests() throws Exception {
    int trials = 30;
    ResultsStore store = objectStore();
    Plan plan = plan(store, trials);
    Corpus corpus = plan.corpus();
    Broadcast<TrialTask.SharedInputs> shared =
        spark.broadcast(
            new TrialTask.SharedInputs(
                SharedCorpus.of(corpus, true),
                new SerializableConfiguration(store.hadoop()),
                KeepModels.BEST));
    SweepPaths paths = SweepPaths.of(store, "small");
    TrialTask task = new TrialTask("small", shared, paths, Duration.ofMinutes(1), "test");
    Duration lease = Duration.ofSeconds(2);

    try (SweepLock lock = SweepLock.take(store.lockFile("small"), "small", store.hadoop(), lease)) {
      ResultsStore fenced = store.fencedBy(lock::check, lock.token());
      SweepLoop loop =
          new SweepLoop(
              plan,
              new GridSource(plan.missing()),
              fenced,
              Set.of(),
              new TrialJobs(spark, task, "test"),
              plan.rungs(plan.stored(fenced)),
              lock,
              new ModelKeeper(KeepModels.BEST, store.models(), "small"),
              event -> {});
      ObjectStoreFileSystem.forgetRequests();

      assertThat(loop.run()).isEqualTo(Map.of(TrialStatus.COMPLETED, trials));
      assertThat(ofTrials()).hasSizeBetween(trials, MOST_REQUESTS * trials);
    }
  }

  @Test
  @Tag("long")
  void aSweepHasTheTablesOfOneInAFolder() throws Exception {
    int trials = 300;
    ResultsStore store = objectStore();
    ObjectStoreFileSystem.forgetRequests();
    assertThat(run(store, trials)).isEqualTo(Map.of(TrialStatus.COMPLETED, trials));
    int requests = ObjectStoreFileSystem.requests().size();
    System.out.printf("object store: %.1f requests a trial%n", (double) requests / trials);
    ResultsStore local = new ResultsStore(LocalSpark.session(), "" + folder.resolve("local"));
    run(local, trials);

    assertThat(epochs(store)).hasSize(4 * trials).isEqualTo(epochs(local));
    assertThat(store.table(Tables.TRIALS).where("model IS NOT NULL").count()).isOne();
    assertThat(folder.resolve("results/checkpoints/sweep=small")).isEmptyDirectory();
  }

  /** Those that do not depend on time: the driver's are more the longer a sweep takes. */
  private static List<ObjectStoreFileSystem.Request> ofTrials() {
    return ObjectStoreFileSystem.requests().stream()
        .filter(request -> request.path().toString().contains("/checkpoints/sweep=small/"))
        .filter(request -> !request.path().toString().contains("_lock"))
        .toList();
  }

  private ResultsStore objectStore() {
    SparkSession session = LocalSpark.session();
    OddFileSystem.register(
        ObjectStoreFileSystem.class, session.sparkContext().hadoopConfiguration());
    return new ResultsStore(session, "objectstore:" + folder.resolve("results"));
  }

  private Map<TrialStatus, Integer> run(ResultsStore store, int trials) throws Exception {
    return new SweepRunner(spark, store, "test").run(plan(store, trials), event -> {});
  }

  private Plan plan(ResultsStore store, int trials) throws Exception {
    Path conf =
        Files.writeString(
            folder.resolve("small.conf"),
            """
            sweep {
              name = small
              corpus { kind = toy, train-length = 1000, valid-length = 500, test-length = 500 }
              grid {
                truncation = {bptt-steps = 5, seq-len = 10}, style = true, learning-rate = 0.01
                seed = [%s]
              }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 4, batch-size = 20 }
            }
            """
                .formatted(
                    IntStream.rangeClosed(1, trials)
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(","))));
    SweepConfig config = SweepConfig.load(conf, List.of());
    return Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
  }

  private static List<Row> epochs(ResultsStore store) {
    return store
        .table(Tables.EPOCHS)
        .select("trial_id", "epoch", "train_loss", "valid_loss", "grad_norm")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }
}
