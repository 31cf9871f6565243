package org.tbptt.sweep.run;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.ModelStore;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;

/**
 * The driver's side of a sweep. Each trial is a Spark job of one task; as many are under way as
 * there are slots, and each result is written when it comes.
 */
public final class SweepRunner {

  private final JavaSparkContext spark;
  private final ResultsStore results;
  private final String codeVersion;

  public SweepRunner(JavaSparkContext spark, ResultsStore results, String codeVersion) {
    this.spark = spark;
    this.results = results;
    this.codeVersion = codeVersion;
  }

  /**
   * Trains what is missing and writes it to the tables.
   *
   * @return how many of the trials trained now ended in which way
   * @throws InterruptedException if the thread is interrupted; running trials are cancelled
   * @throws org.tbptt.sweep.results.ResultsException if the tables cannot be written
   * @throws SweepException if Spark gives up on a task
   */
  public Map<TrialStatus, Integer> run(Plan plan, SweepListener listener)
      throws InterruptedException {
    List<PlannedTrial> missing = plan.missing();
    listener.started(plan, Math.min(slots(spark), missing.size()));
    results.describe(describe(plan));
    String sweep = plan.config().name();
    KeepModels keep = plan.config().keepModels();
    ModelStore models = results.models();
    ModelKeeper keeper = new ModelKeeper(keep, models, sweep);
    keeper.resume(results.bestEpochs(sweep));
    Map<TrialStatus, Integer> endings = new EnumMap<>(TrialStatus.class);
    if (missing.isEmpty()) {
      return endings;
    }
    Broadcast<Corpus> corpus = spark.broadcast(plan.corpus());
    TrialTask task =
        new TrialTask(sweep, corpus, new ModelWriter(keep, models, sweep), codeVersion);
    // A thread per running trial, which waits for its job.
    ExecutorService submitters = Executors.newCachedThreadPool();
    try {
      CompletionService<TrialResult> running = new ExecutorCompletionService<>(submitters);
      Iterator<PlannedTrial> waiting = missing.iterator();
      int submitted = 0;
      int finished = 0;
      while (finished < missing.size()) {
        // One more than there are slots, so that none is idle while a result is written.
        for (; waiting.hasNext() && submitted - finished <= slots(spark); submitted++) {
          submit(waiting.next(), task, running);
        }
        Future<TrialResult> ended = running.poll(1, TimeUnit.SECONDS);
        if (ended == null) {
          continue; // executors may have come meanwhile
        }
        TrialResult result = ended.get();
        finished++;
        results.append(result);
        keeper.ended(result);
        endings.merge(result.outcome().status(), 1, Integer::sum);
        listener.trialEnded(result, finished, missing.size());
      }
    } catch (ExecutionException failure) {
      throw new SweepException(reasonOf(failure), failure);
    } finally {
      submitters.shutdownNow();
      spark.sc().cancelAllJobs();
      corpus.destroy();
    }
    return endings;
  }

  /** Trials that can train at the same time, on the executors that there are now. */
  public static int slots(JavaSparkContext spark) {
    int cpusPerTask = spark.getConf().getInt("spark.task.cpus", 1);
    return Math.max(1, spark.defaultParallelism() / cpusPerTask);
  }

  private void submit(PlannedTrial trial, TrialTask task, CompletionService<TrialResult> running) {
    running.submit(
        () -> {
          spark.setJobDescription(trial.label());
          spark.setLocalProperty("spark.job.interruptOnCancel", "true");
          return spark.parallelize(List.of(trial), 1).map(task).first();
        });
  }

  private SweepRecord describe(Plan plan) {
    Corpus corpus = plan.corpus();
    return new SweepRecord(
        plan.config().name(),
        plan.config().json(),
        corpus.id(),
        corpus.vocabulary().size(),
        corpus.train().tokens(),
        corpus.valid().tokens(),
        corpus.test().tokens(),
        plan.trials().size(),
        codeVersion,
        spark.version(),
        Instant.now());
  }

  /** Spark's own sentence, without the stack traces that it puts into its messages. */
  private static String reasonOf(ExecutionException failure) {
    Throwable cause = failure.getCause();
    String kind = cause instanceof SparkException ? "" : cause.getClass().getSimpleName() + ": ";
    return kind + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }
}
