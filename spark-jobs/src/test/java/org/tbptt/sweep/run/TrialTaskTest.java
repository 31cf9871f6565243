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
import java.util.Set;
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
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.StopCondition;
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
    Corpus corpus = config.loadCorpus();
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    PlannedTrial trial =
        Plan.of(config, Grid.expand(config), corpus, store, false).missing().get(0);
    Configuration deaf = new Configuration();
    OddFileSystem.register(DeafFileSystem.class, deaf);
    Path lock = Files.createFile(folder.resolve("_lock"));
    TrialTask task = task(corpus, deaf, new SweepPaths("" + store, "deaf:" + folder, "" + lock));
    Function<Submission, TrialResult> told =
        each -> {
          try {
            return task.call(each);
          } finally {
            ENDED.countDown();
          }
        };
    CompletableFuture<Throwable> lost = new CompletableFuture<>();

    TrialJobs jobs = new TrialJobs(spark, told, "test");
    jobs.submit(
        new Submission(trial, StopCondition.NEVER), ended -> lost.cancel(false), lost::complete);
    awaitFile(folder.resolve(trial.id()), ".safetensors");
    DeafFileSystem.awaitWriting();
    jobs.cancelAll(Duration.ofMinutes(1));

    assertThat(lost.get()).hasMessageContaining("cancelled");
    ENDED.await();
  }

  @Test
  @Timeout(120)
  void aTrialThatIsCancelledLeavesTheOtherAlone() throws Exception {
    SweepConfig config = conf("sweep.grid.\"training.epochs\"=[40,1000000]");
    Corpus corpus = config.loadCorpus();
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    List<PlannedTrial> trials =
        Plan.of(config, Grid.expand(config), corpus, store, false).missing();
    PlannedTrial cancelled = trials.get(0);
    PlannedTrial other = trials.get(1);
    List<EpochMetrics> undisturbed = start(jobs(corpus, store, "alone"), other).get();

    TrialJobs jobs = jobs(corpus, store, "together");
    CompletableFuture<List<EpochMetrics>> lost = start(jobs, cancelled);
    CompletableFuture<List<EpochMetrics>> kept = start(jobs, other);
    awaitFile(folder.resolve("together").resolve(cancelled.id()), ".safetensors");
    awaitFile(folder.resolve("together").resolve(other.id()), ".safetensors");
    jobs.cancel(cancelled.id());

    assertThatThrownBy(lost::get).cause().hasMessageContaining("cancelled");
    assertThat(kept.get()).hasSize(40).isEqualTo(undisturbed);
  }

  private TrialJobs jobs(Corpus corpus, ResultsStore store, String checkpoints) throws IOException {
    Path lock = Files.createFile(folder.resolve("_lock of " + checkpoints));
    SweepPaths paths = new SweepPaths("" + store, "" + folder.resolve(checkpoints), "" + lock);
    return new TrialJobs(spark, task(corpus, new Configuration(), paths), "test");
  }

  /** Its epochs, but for the time that they took. */
  private static CompletableFuture<List<EpochMetrics>> start(TrialJobs jobs, PlannedTrial trial) {
    CompletableFuture<List<EpochMetrics>> epochs = new CompletableFuture<>();
    jobs.submit(
        new Submission(trial, StopCondition.NEVER),
        result ->
            epochs.complete(
                result.outcome().epochs().stream().map(TrialTaskTest::withoutSeconds).toList()),
        epochs::completeExceptionally);
    return epochs;
  }

  private static EpochMetrics withoutSeconds(EpochMetrics e) {
    return new EpochMetrics(
        e.epoch(),
        e.bpttSteps(),
        e.biasBound(),
        e.trainLoss(),
        e.validLoss(),
        e.gradientNorm(),
        e.clippedShare(),
        e.updateNorm(),
        e.tokens(),
        0);
  }

  @Test
  @Timeout(120)
  void aSweepWhoseExecutorsSeeOtherResultsStopsAtOnce() throws Exception {
    SweepConfig config = endless();
    Corpus corpus = config.loadCorpus();
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    Plan plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    // As a path of the executor's own disk has it.
    Path elsewhere = folder.resolve("elsewhere");
    TrialTask task =
        task(
            corpus,
            new Configuration(),
            new SweepPaths("" + folder, "" + elsewhere, elsewhere + "/_lock"));

    try (SweepLock lock = SweepLock.take(store.lockFile("test"), "test", new Configuration())) {
      SweepLoop loop =
          new SweepLoop(
              plan,
              new GridSource(plan.missing()),
              store,
              Set.of(),
              new TrialJobs(spark, task, "test"),
              plan.rungs(plan.stored(store)),
              lock,
              new ModelKeeper(KeepModels.NONE, store.models(), "test"),
              event -> {
                throw new AssertionError(event); // nothing is to begin
              });
      String host = spark.sc().env().blockManager().blockManagerId().host();
      assertThatThrownBy(loop::run)
          .isInstanceOf(InvalidConfException.class)
          .hasMessage(
              "--results %s is not the same folder on %s: %s/_lock, the driver's lock, is not there; must be one that driver and executors share",
              folder, host, elsewhere);
    }
    assertThat(elsewhere).doesNotExist();
  }

  private TrialTask task(Corpus corpus, Configuration hadoop, SweepPaths places) {
    return new TrialTask(
        "test",
        spark.broadcast(
            new TrialTask.SharedInputs(
                SharedCorpus.of(corpus, true),
                new SerializableConfiguration(hadoop),
                KeepModels.NONE)),
        places,
        Duration.ofMillis(1),
        "test");
  }

  @Test
  void whatIsTheSameForAllTrialsDoesNotTravelWithEachOfThem() throws Exception {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    TrialTask task =
        task(
            endless().loadCorpus(),
            store.hadoop(),
            new SweepPaths("" + store, "checkpoints", "_lock"));

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
    return conf();
  }

  private SweepConfig conf(String... settings) throws IOException {
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
    return SweepConfig.load(conf, List.of(settings));
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
