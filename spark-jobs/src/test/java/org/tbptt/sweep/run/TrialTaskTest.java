package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.DeafFileSystem;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;

class TrialTaskTest {

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
    TrialTask task =
        new TrialTask(
            "test",
            spark.broadcast(new TrialTask.Common(corpus, new SerializableConfiguration(deaf))),
            "deaf:" + folder,
            Duration.ofMillis(1),
            new ModelWriter(KeepModels.NONE, store.models(), "test"),
            "test");
    CompletableFuture<Throwable> lost = new CompletableFuture<>();

    new TrialJobs(spark, task, "test").submit(trial, ended -> lost.cancel(false), lost::complete);
    awaitFile(folder.resolve(trial.id()), ".safetensors");
    DeafFileSystem.awaitWriting();
    spark.sc().cancelAllJobs();

    assertThat(lost.get()).hasMessageContaining("cancelled");
    while (tasks() > 0) {
      Thread.sleep(20);
    }
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

  private int tasks() {
    return Stream.of(spark.sc().statusTracker().getExecutorInfos())
        .mapToInt(executor -> executor.numRunningTasks())
        .sum();
  }
}
