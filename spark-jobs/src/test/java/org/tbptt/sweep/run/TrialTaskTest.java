package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.DeafFileSystem;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

class TrialTaskTest {

  /** The task of the cancelled trial: what Spark shows of it may be late. */
  private static final CountDownLatch ENDED = new CountDownLatch(1);

  @TempDir private Path folder;
  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());

  @Test
  @Timeout(120)
  void aCancelledTrialEndsAlthoughItsFileSystemSwallowsTheInterrupt() throws Exception {
    SweepConfig config = endless();
    Corpus corpus = config.corpus().load();
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    PlannedTrial trial =
        Plan.of(config, Grid.expand(config), corpus, store, false).missing().get(0);
    Configuration deaf = new Configuration();
    OddFileSystem.register(DeafFileSystem.class, deaf);
    Path lock = Files.createFile(folder.resolve("_lock"));
    TrialTask task =
        task(
            corpus, store, deaf, new TrialTask.SweepPaths("" + store, "deaf:" + folder, "" + lock));
    Function<PlannedTrial, TrialResult> told =
        each -> {
          try {
            return task.call(each);
          } finally {
            ENDED.countDown();
          }
        };
    CompletableFuture<Throwable> lost = new CompletableFuture<>();

    new TrialJobs(spark, told, "test").submit(trial, ended -> lost.cancel(false), lost::complete);
    awaitFile(folder.resolve(trial.id()), ".safetensors");
    DeafFileSystem.awaitWriting();
    spark.sc().cancelAllJobs();

    assertThat(lost.get()).hasMessageContaining("cancelled");
    ENDED.await();
  }

  @Test
  @Timeout(120)
  void aSweepWhoseExecutorsSeeOtherResultsStopsAtOnce() throws Exception {
    SweepConfig config = endless();
    Corpus corpus = config.corpus().load();
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    Plan plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    // As a path of the executor's own disk has it.
    Path elsewhere = folder.resolve("elsewhere");
    TrialTask task =
        task(
            corpus,
            store,
            new Configuration(),
            new TrialTask.SweepPaths("" + folder, "" + elsewhere, elsewhere + "/_lock"));

    try (SweepLock lock = SweepLock.take(store.lockFile("test"), "test", new Configuration())) {
      SweepLoop loop =
          new SweepLoop(
              plan,
              new GridSource(plan.missing()),
              store,
              new TrialJobs(spark, task, "test"),
              lock,
              new ModelKeeper(KeepModels.NONE, store.models(), "test"),
              event -> {
                throw new AssertionError(event); // nothing is to begin
              });
      String host = spark.sc().env().blockManager().blockManagerId().host();
      assertThatThrownBy(loop::run)
          .isInstanceOf(InvalidConfException.class)
          .hasMessage(
              "--results %s is not the same place on %s: %s/_lock, which the driver holds, is not there; must be one that driver and executors share",
              folder, host, elsewhere);
    }
    assertThat(elsewhere).doesNotExist();
  }

  private TrialTask task(
      Corpus corpus, ResultsStore store, Configuration hadoop, TrialTask.SweepPaths places) {
    return new TrialTask(
        "test",
        spark.broadcast(
            new TrialTask.SharedInputs(
                SharedCorpus.of(corpus, true),
                new SerializableConfiguration(hadoop),
                new ModelWriter(KeepModels.NONE, store.models(), "test"))),
        places,
        Duration.ofMillis(1),
        "test");
  }

  @Test
  void whatIsTheSameForAllTrialsDoesNotTravelWithEachOfThem() throws Exception {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    TrialTask task =
        task(
            endless().corpus().load(),
            store,
            store.hadoop(),
            new TrialTask.SweepPaths("" + store, "checkpoints", "_lock"));

    ByteArrayOutputStream travelling = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(travelling)) {
      out.writeObject(task);
    }

    assertThat(travelling.toString(StandardCharsets.ISO_8859_1))
        .hasSizeLessThan(10_000)
        .contains("TrialTask")
        .doesNotContain("SerializableConfiguration", "fs.file.impl");
  }

  @Test
  void aReasonSaysWhatIsBehindIt() {
    Throwable unusable = new NoClassDefFoundError("Could not initialize class Nd4j");
    unusable.initCause(new IllegalStateException("no backend", new OutOfMemoryError("too much")));

    assertThat(TrialTask.reason(unusable))
        .isEqualTo(
            "java.lang.NoClassDefFoundError: Could not initialize class Nd4j; caused by"
                + " java.lang.OutOfMemoryError: too much");
    assertThat(TrialTask.reason(new OutOfMemoryError("too much")))
        .isEqualTo("java.lang.OutOfMemoryError: too much");
  }

  /** A sweep of one trial that nobody waits for. */
  private SweepConfig endless() throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid { truncation = {bptt-steps = 5, seq-len = 10}, style = tf, learning-rate = 0.01 }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 1000000, batch-size = 20 }
            }
            """);
    return SweepConfig.load(conf, List.of());
  }

  private static void awaitFile(Path folder, String suffix) throws Exception {
    boolean there = false;
    while (!there) {
      Thread.sleep(20);
      if (Files.exists(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          there = files.anyMatch(file -> file.toString().endsWith(suffix));
        }
      }
    }
  }
}
