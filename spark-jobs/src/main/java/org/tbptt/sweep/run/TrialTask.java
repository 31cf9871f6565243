package org.tbptt.sweep.run;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrainingListener;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.sweep.results.TrialResult;

/**
 * What an executor does: trains one trial on the corpus that was sent to it once, from the trial's
 * newest checkpoint. Whatever the trial does wrong is a result; only a cancelled task fails.
 */
final class TrialTask implements Function<PlannedTrial, TrialResult> {

  private static final Logger LOG = LoggerFactory.getLogger(TrialTask.class);

  /**
   * What is the same for all trials, and travels once per executor.
   *
   * @param hadoop how file systems are reached
   */
  record Common(Corpus corpus, SerializableConfiguration hadoop) implements Serializable {}

  private final String sweep;
  private final Broadcast<Common> common;
  private final String checkpoints;
  private final Duration checkpointInterval;
  private final ModelWriter models;
  private final String codeVersion;

  /**
   * @param checkpoints the folder with a folder per trial
   */
  TrialTask(
      String sweep,
      Broadcast<Common> common,
      String checkpoints,
      Duration checkpointInterval,
      ModelWriter models,
      String codeVersion) {
    this.sweep = sweep;
    this.common = common;
    this.checkpoints = checkpoints;
    this.checkpointInterval = checkpointInterval;
    this.models = models;
    this.codeVersion = codeVersion;
  }

  @Override
  public TrialResult call(PlannedTrial trial) throws IOException {
    Corpus corpus = common.value().corpus();
    Configuration hadoop = common.value().hadoop().value();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    Consumer<String> report =
        line -> {
          LOG.warn("{}: {}", trial.label(), line);
          SweepPlugin.tell(new TrialEvent.Reported(trial.id(), line));
        };
    TaskContext task = TaskContext.get();
    Runnable interruptAgain = interruptingAgain(task);
    CheckpointFolder folder =
        new CheckpointFolder(
            trial.id(), new Path(checkpoints, trial.id()), hadoop, interruptAgain, report);
    int attempt = folder.beginAttempt();
    return new TrialResult(
        sweep,
        trial.id(),
        corpus.id(),
        trial.spec(),
        outcome(
            trial,
            corpus,
            task.cpus(),
            new Telling(trial, corpus, attempt, host, interruptAgain),
            folder),
        attempt,
        task.cpus(),
        host,
        codeVersion);
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
      PlannedTrial trial,
      Corpus corpus,
      int threads,
      TrainingListener listener,
      CheckpointFolder folder) {
    Instant started = Instant.now();
    try {
      return new Trainer(trial.spec(), corpus, threads, listener, folder, checkpointInterval)
          .train();
    } catch (CancellationException cancelled) {
      throw cancelled;
    } catch (Exception | OutOfMemoryError | LinkageError failure) {
      return TrialOutcome.failed(reason(failure), started); // the driver knows what was before
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

  /** Passes on to the driver what the trainer tells, and models to where they are kept. */
  private final class Telling implements TrainingListener {

    private final PlannedTrial trial;
    private final Corpus corpus;
    private final int attempt;
    private final String host;
    private final Runnable interruptAgain;

    Telling(PlannedTrial trial, Corpus corpus, int attempt, String host, Runnable interruptAgain) {
      this.trial = trial;
      this.corpus = corpus;
      this.attempt = attempt;
      this.host = host;
      this.interruptAgain = interruptAgain;
    }

    @Override
    public void started(TrainingProgress from, List<EpochMetrics> before, Instant since) {
      SweepPlugin.tell(new TrialEvent.Started(trial.id(), from, before, since, attempt, host));
    }

    @Override
    public void progressed(TrainingProgress progress) {
      SweepPlugin.tell(new TrialEvent.Progressed(trial.id(), progress));
    }

    @Override
    public void epochEnded(EpochMetrics metrics) {
      SweepPlugin.tell(new TrialEvent.EpochEnded(trial.id(), metrics));
    }

    @Override
    public void improved(EpochMetrics metrics, RnnCore core) {
      models.improved(trial, corpus, metrics, core);
      interruptAgain.run();
    }
  }
}
