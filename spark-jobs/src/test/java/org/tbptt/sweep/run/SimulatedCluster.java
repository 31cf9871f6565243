package org.tbptt.sweep.run;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.plugin.DriverPlugin;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.TrialResult;

/**
 * Executors that come and go, on which trials take time but train nothing: 1 to 20 virtual minutes,
 * by their ids. They tell the driver of each epoch and, once a virtual minute, of their progress,
 * as real ones do.
 */
final class SimulatedCluster implements Cluster, AutoCloseable {

  private static final int SLOTS_OF_EXECUTOR = 4;
  private static final int LONGEST_TRIAL = 20;
  // Virtual minutes: about one trial in a hundred loses its executor.
  private static final double MEAN_LIFE = 1000;
  private static final double LONGEST_ABSENCE = 30;

  private final String sweep;
  private final String corpusId;
  private final double millisPerMinute;
  private final Random random = new Random(1);
  private final Runnable submitted;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(run -> new Thread(run, "simulated-cluster"));
  private final DriverPlugin driver = new SweepPlugin().driverPlugin();
  private final Deque<Executor> free = new ArrayDeque<>(); // once for each free slot
  private final Deque<Run> waiting = new ArrayDeque<>();
  private final Map<String, Integer> losses = new HashMap<>();
  private int executorsSoFar;
  private final AtomicInteger slots = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();

  private static final class Executor {
    private final int id;
    private final Set<Run> running = new HashSet<>();
    private boolean gone;

    Executor(int id) {
      this.id = id;
    }
  }

  /** An attempt to train a trial. */
  private record Run(
      PlannedTrial trial, Consumer<TrialResult> ended, Consumer<Throwable> lost, Instant started) {}

  /**
   * @param slots on average a few less, because some executors are away
   * @param millisPerMinute how long a virtual minute takes
   * @param submitted runs whenever a trial is submitted
   */
  SimulatedCluster(
      String sweep, String corpusId, int slots, double millisPerMinute, Runnable submitted) {
    this.sweep = sweep;
    this.corpusId = corpusId;
    this.millisPerMinute = millisPerMinute;
    this.submitted = submitted;
    for (int executor = 0; executor < slots / SLOTS_OF_EXECUTOR; executor++) {
      after(random.nextDouble(), this::join);
    }
  }

  /** How often a trial has lost its executor. */
  int lost() {
    return lost.get();
  }

  /** Processor time of the simulation itself, in nanoseconds. */
  long processorNanos() throws Exception {
    return clock
        .submit(() -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime())
        .get(1, TimeUnit.MINUTES);
  }

  @Override
  public int slots() {
    return slots.get();
  }

  @Override
  public int wanted() {
    int now = slots();
    return now + 1 + now / 8;
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void submit(Submission submission, Consumer<TrialResult> ended, Consumer<Throwable> lost) {
    submitted.run();
    clock.execute(
        () -> {
          waiting.add(new Run(submission.trial(), ended, lost, Instant.now()));
          start();
        });
  }

  @Override
  public void cancelAll(Duration patience) {
    clock.execute(waiting::clear);
  }

  @Override
  public ExecutorWatch executors() {
    return new ExecutorWatch(new SparkConf());
  }

  @Override
  public void requireAlive(Throwable failure) {}

  @Override
  public String codeVersion() {
    return "test";
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private void join() {
    Executor executor = new Executor(executorsSoFar++);
    for (int slot = 0; slot < SLOTS_OF_EXECUTOR; slot++) {
      free.add(executor);
    }
    slots.addAndGet(SLOTS_OF_EXECUTOR);
    after(-MEAN_LIFE * Math.log(1 - random.nextDouble()), () -> leave(executor));
    start();
  }

  private void leave(Executor executor) {
    executor.gone = true;
    free.removeIf(each -> each == executor);
    slots.addAndGet(-SLOTS_OF_EXECUTOR);
    for (Run run : executor.running) {
      lost.incrementAndGet();
      losses.merge(run.trial().id(), 1, Integer::sum);
      run.lost()
          .accept(
              new SparkException(
                  "Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times, most"
                      + " recent failure: Lost task 0.0 in stage 1.0 (TID 1) (10.0.0.1 executor"
                      + " %d): ExecutorLostFailure (executor %d exited caused by one of the running"
                          .formatted(executor.id, executor.id)
                      + " tasks) Reason: worker lost"));
    }
    after(LONGEST_ABSENCE * random.nextDouble(), this::join);
  }

  private void start() {
    while (!waiting.isEmpty() && !free.isEmpty()) {
      begin(waiting.remove(), free.remove());
    }
  }

  private void begin(Run run, Executor executor) {
    executor.running.add(run);
    PlannedTrial trial = run.trial();
    int epochs = trial.spec().training().epochs();
    int minutes = 1 + new Random(trial.id().hashCode()).nextInt(LONGEST_TRIAL);
    List<EpochMetrics> all = epochs(trial.spec(), minutes * 60.0 / epochs);
    int attempt = 1 + losses.getOrDefault(trial.id(), 0);
    String host = "host-" + executor.id % 100;
    TrainingProgress start = new TrainingProgress(1, epochs, 0, 1000, Double.NaN, Double.NaN);
    tell(new SweepEvent.TrialStarted(trial, start, List.of(), run.started(), attempt, host));
    for (int minute = 1; minute < minutes; minute++) {
      double share = (double) minute / minutes;
      int epoch = (int) (share * epochs);
      int window = (int) (1000 * (share * epochs - epoch));
      TrainingProgress now = new TrainingProgress(epoch + 1, epochs, window, 1000, 0.7, 5000);
      during(executor, minute, () -> tell(new SweepEvent.TrialProgressed(trial, now)));
    }
    for (EpochMetrics epoch : all) {
      double minute = (double) minutes * epoch.epoch() / epochs;
      during(executor, minute, () -> tell(new SweepEvent.EpochFinished(trial, epoch)));
    }
    during(
        executor,
        minutes,
        () -> {
          executor.running.remove(run);
          free.add(executor);
          run.ended().accept(result(run, all, attempt, host));
          start();
        });
  }

  private void tell(SweepEvent.OfTrial event) {
    try {
      driver.receive(event);
    } catch (Exception unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  private void during(Executor executor, double minutes, Runnable what) {
    after(
        minutes,
        () -> {
          if (!executor.gone) {
            what.run();
          }
        });
  }

  private void after(double minutes, Runnable what) {
    ScheduledFuture<?> unused =
        clock.schedule(what, (long) (minutes * millisPerMinute * 1e6), TimeUnit.NANOSECONDS);
  }

  private TrialResult result(Run run, List<EpochMetrics> epochs, int attempt, String host) {
    return new TrialResult(
        sweep,
        run.trial().id(),
        corpusId,
        run.trial().spec(),
        new TrialOutcome(
            TrialStatus.COMPLETED,
            "",
            epochs,
            List.of(),
            "native",
            "avx512",
            0,
            run.started(),
            Instant.now()),
        attempt,
        1,
        host,
        "test");
  }

  /** Losses that depend on the settings and on chance, so that there is something to compare. */
  private static List<EpochMetrics> epochs(TrialSpec spec, double seconds) {
    double chance = 0.01 * new Random(spec.hashCode()).nextGaussian();
    double tooFast = Math.abs(Math.log10(spec.training().learningRate() / 0.003));
    double best = 0.5 + 0.1 * tooFast + 0.3 / spec.truncation().bpttSteps() + chance;
    List<EpochMetrics> epochs = new ArrayList<>();
    for (int epoch = 1; epoch <= spec.training().epochs(); epoch++) {
      double loss = best + 0.1 / epoch;
      int bpttSteps = spec.truncation().bpttSteps();
      epochs.add(
          new EpochMetrics(
              epoch, bpttSteps, Double.NaN, loss + 0.05, loss, 0.1, 0, 0.2, 4000, seconds));
    }
    return epochs;
  }
}
