package org.tbptt.sweep.run;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.FutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.sweep.results.TrialResult;
import scala.collection.Seq;
import scala.concurrent.ExecutionContext;
import scala.concurrent.ExecutionContext$;
import scala.reflect.ClassTag$;
import scala.util.Try;

/** Trials as Spark jobs of one task each. */
final class TrialJobs implements Cluster {

  private static final Logger LOG = LoggerFactory.getLogger(TrialJobs.class);

  private static final Pattern EXECUTOR_LOSS =
      Pattern.compile(": ExecutorLostFailure \\(executor (\\S+) ");

  private static final Duration SILENT = Duration.ofSeconds(2);

  private static final ExecutionContext AT_ONCE =
      ExecutionContext$.MODULE$.fromExecutor(Runnable::run);

  private final JavaSparkContext spark;
  private final Function<Submission, TrialResult> task;
  private final String codeVersion;
  private final Map<String, FutureAction<?>> running = new ConcurrentHashMap<>();
  private final RunningTasks tasks = new RunningTasks();

  /** Knows attempts; Spark's own status of executors is a tenth of a second behind. */
  private static final class RunningTasks extends SparkListener {
    private final Set<Long> ids = ConcurrentHashMap.newKeySet();

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      ids.add(start.taskInfo().taskId());
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      ids.remove(end.taskInfo().taskId());
    }
  }

  /**
   * @param task what an executor does
   */
  TrialJobs(JavaSparkContext spark, Function<Submission, TrialResult> task, String codeVersion) {
    this.spark = spark;
    this.task = task;
    this.codeVersion = codeVersion;
    spark.sc().addSparkListener(tasks);
  }

  @Override
  public String codeVersion() {
    return codeVersion;
  }

  @Override
  public int slots() {
    return slots(spark);
  }

  @Override
  public ExecutorWatch executors() {
    return new ExecutorWatch(spark.getConf());
  }

  /** Trials that can train at the same time, on the executors that there are now; 0 if none is. */
  static int slots(JavaSparkContext spark) {
    SparkContext context = spark.sc();
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** Whether Spark asks for executors by what is waiting. */
  static boolean followsDemand(JavaSparkContext spark) {
    return !spark.isLocal() && spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
  }

  @Override
  public int threads() {
    return threads(spark);
  }

  /** Threads that compute a trial together. */
  static int threads(JavaSparkContext spark) {
    return spark.getConf().getInt("spark.task.cpus", 1);
  }

  /**
   * A few more than there are slots; where Spark asks for executors by what is waiting, as many
   * again.
   */
  @Override
  public int wanted() {
    int slots = Math.max(1, slots(spark));
    return slots + (followsDemand(spark) ? slots : 1 + slots / 8);
  }

  @Override
  public void submit(Submission submission, Consumer<TrialResult> ended, Consumer<Throwable> lost) {
    PlannedTrial trial = submission.trial();
    spark.setJobDescription(trial.label());
    spark.setLocalProperty("spark.job.interruptOnCancel", "true");
    RDD<TrialResult> results = spark.parallelize(List.of(submission), 1).map(task).rdd();
    FutureAction<Seq<TrialResult>> job =
        RDD.rddToAsyncRDDActions(results, ClassTag$.MODULE$.<TrialResult>apply(TrialResult.class))
            .collectAsync();
    running.put(trial.id(), job);
    job.onComplete(
        (Try<Seq<TrialResult>> done) -> {
          running.remove(trial.id(), job);
          if (done.isSuccess()) {
            ended.accept(done.get().head());
          } else {
            lost.accept(done.failed().get());
          }
          return null;
        },
        AT_ONCE);
  }

  /** Interrupts a trial, if it runs; its job is lost then. The others do not notice. */
  void cancel(String trialId) {
    Optional.ofNullable(running.get(trialId)).ifPresent(FutureAction::cancel);
  }

  /** When all has ended, Spark can be closed in silence, and nobody writes checkpoints. */
  @Override
  public void cancelAll(Duration patience) {
    running.keySet().forEach(this::cancel);
    long start = System.nanoTime();
    long until = start + patience.toNanos();
    boolean told = patience.compareTo(SILENT) <= 0;
    try {
      while (!tasks.ids.isEmpty() && !spark.sc().isStopped() && System.nanoTime() - until < 0) {
        Thread.sleep(20);
        if (!told && System.nanoTime() - start > SILENT.toNanos()) {
          LOG.warn(
              "waiting up to {} s for {} attempts that still run, although their trials have ended",
              patience.toSeconds(),
              tasks.ids.size());
          told = true;
        }
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    } finally {
      spark.sc().removeSparkListener(tasks);
    }
  }

  @Override
  public void requireAlive(Throwable failure) {
    if (spark.sc().isStopped()) {
      throw SweepException.sparkHasStopped(failure);
    }
  }

  /** The id of the executor whose loss was a task's end, if that is what it was. */
  static Optional<String> lostExecutor(Throwable failure) {
    Matcher loss = EXECUTOR_LOSS.matcher(String.valueOf(failure.getMessage()));
    return loss.find() ? Optional.of(loss.group(1)) : Optional.empty();
  }

  /** Spark's own sentence, without the stack traces that it puts into its messages. */
  static String reasonOf(Throwable failure) {
    String kind =
        failure instanceof SparkException ? "" : failure.getClass().getSimpleName() + ": ";
    String line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    return kind + line.replaceFirst(".* most recent failure: ", "");
  }
}
