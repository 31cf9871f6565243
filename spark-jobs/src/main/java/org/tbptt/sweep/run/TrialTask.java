package org.tbptt.sweep.run;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.engines.EngineLoading;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrainingListener;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.TrialResult;

/**
 * What an executor does: trains one trial on the corpus that was sent to it once, from the trial's
 * newest checkpoint, until its last epoch or a rung. Whatever the trial does wrong is a result; a
 * task fails if it is cancelled, or where the results are out of its reach.
 */
final class TrialTask implements Function<Submission, TrialResult> {

  private static final Logger LOG = LoggerFactory.getLogger(TrialTask.class);

  /**
   * What all trials share; broadcast, so that it is sent once per executor.
   *
   * @param hadoop how file systems are reached
   * @param keep which trials' models are
   */
  record SharedInputs(SharedCorpus corpus, SerializableConfiguration hadoop, KeepModels keep)
      implements Serializable {}

  private final String sweep;
  private final Broadcast<SharedInputs> shared;
  private final SweepPaths paths;
  private final Duration checkpointInterval;
  private final String codeVersion;

  TrialTask(
      String sweep,
      Broadcast<SharedInputs> shared,
      SweepPaths paths,
      Duration checkpointInterval,
      String codeVersion) {
    this.sweep = sweep;
    this.shared = shared;
    this.paths = paths;
    this.checkpointInterval = checkpointInterval;
    this.codeVersion = codeVersion;
  }

  @Override
  public TrialResult call(Submission submission) throws IOException, InterruptedException {
    PlannedTrial trial = submission.trial();
    Corpus corpus = shared.value().corpus().get();
    Configuration hadoop = shared.value().hadoop().value();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    paths.requireLock(hadoop, host);
    EngineLoading.wrongPlatform()
        .ifPresent(
            problem -> {
              throw new InvalidConfException("executor on " + host + ": " + problem);
            });
    TaskContext task = TaskContext.get();
    Runnable interruptAgain = interruptingAgain(task);
    java.nio.file.Path local = java.nio.file.Path.of(SparkFiles.getRootDirectory());
    try (BestModel model = new BestModel(sweep, trial, corpus, shared.value().keep(), local)) {
      CheckpointFolder folder =
          new CheckpointFolder(
              trial, paths.checkpoints(trial), hadoop, model, interruptAgain, TrialTask::send);
      int attempt = folder.beginAttempt();
      return new TrialResult(
          sweep,
          trial.id(),
          corpus.id(),
          trial.spec(),
          outcome(
              submission, corpus, task.cpus(), new Progress(trial, attempt, host, model), folder),
          attempt,
          task.cpus(),
          host,
          codeVersion);
    }
  }

  /** Hadoop's file systems may swallow the interrupt of a cancelled task; Spark remembers it. */
  private static Runnable interruptingAgain(TaskContext task) {
    return () -> {
      if (task.isInterrupted()) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private TrialOutcome outcome(
      Submission submission,
      Corpus corpus,
      int threads,
      TrainingListener listener,
      CheckpointFolder folder) {
    Instant started = Instant.now();
    try {
      TrialOutcome outcome =
          new Trainer(
                  submission.trial().spec(),
                  corpus,
                  threads,
                  listener,
                  folder,
                  checkpointInterval,
                  submission.until())
              .train();
      folder.storeModel();
      return outcome;
    } catch (CancellationException cancelled) {
      throw cancelled;
    } catch (Exception | OutOfMemoryError | LinkageError failure) {
      // The driver knows what was before.
      return TrialOutcome.failed(
          reason(failure), submission.trial().spec().training().engine().wanted(), started);
    }
  }

  /** In a line; a class that could not be made ready says why in what caused its error. */
  static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == failure ? failure.toString() : failure + "; caused by " + root;
  }

  private static void send(SweepEvent.OfTrial event) {
    if (event instanceof SweepEvent.CheckpointFailed failed) {
      LOG.warn("{}: {}", failed.trial().label(), failed.problem());
    }
    SweepPlugin.send(event);
  }

  /**
   * Sends the trainer's progress to the driver.
   *
   * @param model is told of what is better than before
   */
  private record Progress(PlannedTrial trial, int attempt, String host, BestModel model)
      implements TrainingListener {

    @Override
    public void started(TrainingProgress from, List<EpochMetrics> before, Instant since) {
      send(new SweepEvent.TrialStarted(trial, from, before, since, attempt, host));
    }

    @Override
    public void progressed(TrainingProgress progress) {
      send(new SweepEvent.TrialProgressed(trial, progress));
    }

    @Override
    public void epochEnded(EpochMetrics metrics) {
      send(new SweepEvent.EpochFinished(trial, metrics));
    }

    @Override
    public void improved(EpochMetrics metrics, RnnCore core) {
      model.improved(metrics, core);
    }
  }
}
