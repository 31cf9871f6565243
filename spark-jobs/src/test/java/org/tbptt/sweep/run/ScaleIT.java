package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/**
 * The driver with trials that take random time and train nothing: what is left is its own work,
 * whose figures are printed.
 */
class ScaleIT {

  @TempDir private Path folder;

  @Test
  void hundredsOfTrialsAreTensOfFilesAndEveryOneIsThereOnce() throws Exception {
    areTensOfFilesAndEveryOneIsThereOnce(300);
  }

  @Test
  @Tag("long")
  void twentyThousandTrialsAreTensOfFilesAndEveryOneIsThereOnce() throws Exception {
    areTensOfFilesAndEveryOneIsThereOnce(20_000);
  }

  private void areTensOfFilesAndEveryOneIsThereOnce(int count) throws Exception {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder + "/results");
    Path conf =
        Files.writeString(
            folder.resolve("scale.conf"),
            """
            sweep {
              name = scale
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 5, seq-len = 10}, style = true
                learning-rate = 0.01, seed = [%s]
              }
              keep-models = none
            }
            """
                .formatted(String.join(",", numbers(count))));
    SweepConfig config = SweepConfig.load(conf, List.of());
    Corpus corpus = config.corpus().load();
    Plan plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    List<Double> seconds = new ArrayList<>();

    ThreadMXBean loop = ManagementFactory.getThreadMXBean();
    OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long before = System.nanoTime();
    long loopBefore = loop.getCurrentThreadCpuTime();
    long processBefore = process.getProcessCpuTime();
    try (SweepLock lock = SweepLock.take(store.lockFile("scale"), "scale", new Configuration())) {
      new SweepLoop(
              plan,
              new GridSource(plan.missing()),
              store,
              new TrialJobs(spark, new Simulated(corpus.id()), "test"),
              plan.rungs(store),
              lock,
              new ModelKeeper(KeepModels.NONE, store.models(), "scale"),
              event -> {
                if (event instanceof SweepEvent.TrialFinished end) {
                  seconds.add(end.result().outcome().epochs().get(0).seconds());
                }
              })
          .run();
    }
    double wall = (System.nanoTime() - before) / 1e9;
    double loopMillis = (loop.getCurrentThreadCpuTime() - loopBefore) / 1e6;
    double processMillis = (process.getProcessCpuTime() - processBefore) / 1e6;

    Set<String> written = store.trialIds("scale", Set.of(TrialStatus.COMPLETED));
    assertThat(written).hasSize(count);
    assertThat(seconds).hasSize(count);
    long trialFiles = files("trials");
    long epochFiles = files("epochs");
    assertThat(trialFiles).isLessThan(100);
    assertThat(epochFiles).isLessThan(100);
    assertThat(folder.resolve("results/trials/sweep=scale"))
        .isDirectoryNotContaining("glob:**/_replaced-by-*");
    double trials = seconds.stream().mapToDouble(s -> s).sum() / TrialJobs.slots(spark);
    System.gc();
    System.out.printf(
        "scale: %d trials in %.1f s, %.0f a second; each %.2f ms beyond the trials' own time,"
            + " %.2f ms of the driver's loop on a processor, %.2f ms of the whole process;"
            + " %d and %d files; heap %d MB%n",
        count,
        wall,
        count / wall,
        1000 * (wall - trials) / count,
        loopMillis / count,
        processMillis / count,
        trialFiles,
        epochFiles,
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20);
  }

  private static List<String> numbers(int count) {
    List<String> numbers = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      numbers.add(String.valueOf(i));
    }
    return numbers;
  }

  private long files(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("results/" + table + "/sweep=scale"))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    }
  }

  /** A task that sleeps. */
  private record Simulated(String corpusId) implements Function<Submission, TrialResult> {

    @Override
    public TrialResult call(Submission submission) throws InterruptedException {
      PlannedTrial trial = submission.trial();
      Instant started = Instant.now();
      int milliseconds = 1 + new Random(trial.spec().seed()).nextInt(20);
      Thread.sleep(milliseconds);
      EpochMetrics epoch =
          new EpochMetrics(1, 5, Double.NaN, 0.7, 0.6, 0.1, 0, 0.2, 4000, milliseconds / 1e3);
      return new TrialResult(
          "scale",
          trial.id(),
          corpusId,
          trial.spec(),
          new TrialOutcome(
              TrialStatus.COMPLETED,
              "",
              List.of(epoch, withNumber(epoch, 2)),
              List.of(),
              "none",
              "none",
              0,
              started,
              Instant.now()),
          1,
          1,
          "localhost",
          "test");
    }

    private static EpochMetrics withNumber(EpochMetrics e, int number) {
      return new EpochMetrics(
          number, 5, Double.NaN, e.trainLoss(), e.validLoss(), 0.1, 0, 0.2, 4000, e.seconds());
    }
  }
}
