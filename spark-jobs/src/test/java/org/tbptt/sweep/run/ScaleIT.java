package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.analysis.Comparison;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.Report;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/**
 * The driver with trials that train nothing: what is left is its own work, whose figures are
 * printed. A thousand points of a grid are trained with as many seeds as it takes.
 */
class ScaleIT {

  private static final int POINTS = 1000;
  private static final int SLOTS = 2000;

  /** With 2,000 slots about 500 trials end in a second. */
  private static final double MILLIS_PER_MINUTE = 400;

  private static final String GRID =
      """
      sweep {
        name = scale
        corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
        training.epochs = 5
        keep-models = none
        grid {
          truncation = [
            {bptt-steps = 2, seq-len = 10}, {bptt-steps = 4, seq-len = 10},
            {bptt-steps = 6, seq-len = 10}, {bptt-steps = 8, seq-len = 10},
            {bptt-steps = 9, seq-len = 10}
          ]
          style = [tf, true]
          learning-rate = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05]
          "model.state-size" = [8, 16]
          "training.batch-size" = [10, 20, 30, 40, 50]
          seed = %s
        }
      }
      """;

  private final OperatingSystemMXBean process =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final SparkSession spark = session();

  @TempDir private Path folder;

  private long firstSubmission; // 0 before it
  private long heap;
  private int toDo;

  /** As the commands have it: queries over a few rows are not what this is about. */
  private static SparkSession session() {
    SparkSession session = LocalSpark.session().newSession();
    LocalSpark.FOR_FEW_ROWS.keySet().forEach(session.conf()::unset);
    return session;
  }

  @Test
  void everyTrialIsThereOnceWhateverExecutorsDo() throws Exception {
    scale(1000, 200, 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 10_000})
  @Tag("long")
  void thousandsOfTrials(int trials) throws Exception {
    scale(trials, SLOTS, MILLIS_PER_MINUTE);
    show(trials);
  }

  @Test
  @Tag("soak")
  void aHundredThousandTrials() throws Exception {
    scale(100_000, SLOTS, MILLIS_PER_MINUTE);
    show(100_000);
  }

  /** Fewer of them share a file then. */
  @Test
  @Tag("soak")
  void trialsThatTakeTenTimesAsLong() throws Exception {
    scale(10_000, SLOTS, 10 * MILLIS_PER_MINUTE);
  }

  /** Runs a sweep, stops it when nine tenths have ended, and resumes it. */
  private void scale(int trials, int slots, double millisPerMinute) throws Exception {
    ResultsStore store = new ResultsStore(spark, folder + "/results");
    Path conf = conf(trials / POINTS);
    int before = trials / 10 * 9;
    long processBefore = process.getProcessCpuTime();
    long loopBefore = threads.getCurrentThreadCpuTime();

    Driven first = drive(store, conf, slots, millisPerMinute, before, true);
    Driven second = drive(store, conf, slots, millisPerMinute, trials - before, false);

    double processor =
        process.getProcessCpuTime() - processBefore - first.simulation() - second.simulation();
    double loop = threads.getCurrentThreadCpuTime() - loopBefore;
    assertThat(store.trialIds("scale", EnumSet.of(TrialStatus.COMPLETED))).hasSize(trials);
    assertThat(spark.read().parquet(folder + "/results/epochs").count()).isEqualTo(5L * trials);
    long files = files("trials") + files("epochs");
    assertThat(files).isLessThan(200);

    System.out.printf(
        "scale: %d trials in %.0f s, %d of them lost with their executors; %.2f ms of processor time each, %.2f"
            + " of it in the driver's loop; %d bytes of heap each; %d files; first trial of the"
            + " resumed sweep after %.1f s%n",
        trials,
        first.seconds() + second.seconds(),
        first.lost() + second.lost(),
        processor / 1e6 / trials,
        loop / 1e6 / trials,
        Math.max(first.heap(), second.heap()) / trials,
        files,
        second.untilSubmission());
  }

  /** Compares and reports a sweep that has ended. */
  private void show(int trials) {
    Queries queries = new Queries(spark, new ResultsStore(spark, folder + "/results"));
    SweepState state = SweepState.find(queries, Optional.of("scale"));
    long start = System.nanoTime();
    long processor = process.getProcessCpuTime();
    List<String> lines = Comparison.of(queries, state).lines();
    double compareSeconds = secondsSince(start);
    double compareProcessor = (process.getProcessCpuTime() - processor) / 1e9;
    start = System.nanoTime();
    processor = process.getProcessCpuTime();
    int reportBytes = Report.of(queries, state).html().getBytes(StandardCharsets.UTF_8).length;
    double reportSeconds = secondsSince(start);
    double reportProcessor = (process.getProcessCpuTime() - processor) / 1e9;
    assertThat(reportBytes).isLessThan(15_000_000);
    assertThat(lines.get(0)).contains("%d of %d trials ended".formatted(trials, trials));
    System.out.printf(
        "scale: %d trials: compare %.1f s (processor %.1f s), %d lines; report %.1f s (processor"
            + " %.1f s), %.1f MB%n",
        trials,
        compareSeconds,
        compareProcessor,
        lines.size(),
        reportSeconds,
        reportProcessor,
        reportBytes / 1e6);
  }

  /**
   * What a run of the driver gave.
   *
   * @param untilSubmission seconds from reading the conf file to the first trial
   * @param simulation processor time of the simulated cluster, nanoseconds
   * @param heap bytes that the driver held when the last trial of this run had ended
   */
  private record Driven(
      double seconds, double untilSubmission, long simulation, int lost, long heap) {}

  /**
   * @param ending how many trials end in this run before it is stopped or the sweep has ended
   */
  private Driven drive(
      ResultsStore store, Path conf, int slots, double millisPerMinute, int ending, boolean stopped)
      throws Exception {
    firstSubmission = 0;
    long start = System.nanoTime();
    Corpus corpus = SweepConfig.load(conf, List.of()).loadCorpus();
    try (SimulatedCluster cluster =
        new SimulatedCluster("scale", corpus.id(), slots, millisPerMinute, this::submitted)) {
      try {
        run(store, conf, cluster, event -> heard(event, ending, stopped));
        assertThat(stopped).isFalse();
      } catch (CancellationException stop) {
        assertThat(stopped).isTrue();
      }
      return new Driven(
          secondsSince(start),
          (firstSubmission - start) / 1e9,
          cluster.processorNanos(),
          cluster.lost(),
          heap - usedHeap());
    }
  }

  /** As the command does. */
  private void run(
      ResultsStore store, Path conf, SimulatedCluster cluster, Consumer<SweepEvent> events)
      throws InterruptedException {
    SweepConfig config = SweepConfig.load(conf, List.of());
    Plan plan = Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
    new SweepRunner(
            JavaSparkContext.fromSparkContext(spark.sparkContext()),
            store,
            Duration.ofMinutes(1),
            "test",
            task -> cluster)
        .run(plan, events);
  }

  private void submitted() {
    if (firstSubmission == 0) {
      firstSubmission = System.nanoTime();
    }
  }

  private void heard(SweepEvent event, int ending, boolean stopped) {
    if (event instanceof SweepEvent.SweepStarted started) {
      toDo = started.plan().toDo();
    } else if (event instanceof SweepEvent.TrialFinished end
        && end.finished() == Math.min(ending, toDo)) {
      heap = usedHeap();
      if (stopped) {
        throw new CancellationException();
      }
    }
  }

  private Path conf(int seeds) throws IOException {
    String numbers = IntStream.rangeClosed(1, seeds).boxed().toList().toString();
    return Files.writeString(folder.resolve("scale.conf"), GRID.formatted(numbers));
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private long files(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("results/" + table + "/sweep=scale"))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    }
  }

  /** What a trial costs as a Spark job, beyond what it costs in the simulation. */
  @Test
  @Tag("long")
  void trialsAsSparkJobs() throws Exception {
    ResultsStore store = new ResultsStore(spark, folder + "/results");
    SweepConfig config = SweepConfig.load(conf(1), List.of());
    Corpus corpus = config.loadCorpus();
    Plan plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    long processBefore = process.getProcessCpuTime();
    try (SweepLock lock = SweepLock.take(store.lockFile("scale"), "scale", new Configuration())) {
      new SweepLoop(
              plan,
              new GridSource(plan.missing()),
              store,
              Set.of(),
              new TrialJobs(context, new AtOnce(corpus.id()), "test"),
              plan.rungs(plan.stored(store)),
              lock,
              new ModelKeeper(KeepModels.NONE, store.models(), "scale"),
              event -> {})
          .run();
    }
    double processor = process.getProcessCpuTime() - processBefore;

    assertThat(store.trialIds("scale", EnumSet.of(TrialStatus.COMPLETED))).hasSize(POINTS);
    System.out.printf(
        "scale: %d trials as Spark jobs: %.2f ms of processor time each%n",
        POINTS, processor / 1e6 / POINTS);
  }

  /** A task that does nothing. */
  private record AtOnce(String corpusId) implements Function<Submission, TrialResult> {

    @Override
    public TrialResult call(Submission submission) {
      PlannedTrial trial = submission.trial();
      Instant now = Instant.now();
      EpochMetrics epoch = new EpochMetrics(1, 5, Double.NaN, 0.7, 0.6, 0.1, 0, 0.2, 4000, 0.001);
      return new TrialResult(
          "scale",
          trial.id(),
          corpusId,
          trial.spec(),
          new TrialOutcome(
              TrialStatus.COMPLETED, "", List.of(epoch), List.of(), "none", "none", 0, now, now),
          1,
          1,
          "localhost",
          "test");
    }
  }
}
