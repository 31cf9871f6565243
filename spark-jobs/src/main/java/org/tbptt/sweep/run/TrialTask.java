package org.tbptt.sweep.run;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrainingListener;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.TrialResult;

/**
 * What an executor does: trains one trial on the corpus that was sent to it once. Whatever the
 * trial does wrong is a result; only a cancelled task fails.
 */
final class TrialTask implements Function<PlannedTrial, TrialResult> {

  private final String sweep;
  private final Broadcast<Corpus> corpus;
  private final ModelWriter models;
  private final String codeVersion;

  TrialTask(String sweep, Broadcast<Corpus> corpus, ModelWriter models, String codeVersion) {
    this.sweep = sweep;
    this.corpus = corpus;
    this.models = models;
    this.codeVersion = codeVersion;
  }

  @Override
  public TrialResult call(PlannedTrial trial) {
    return new TrialResult(
        sweep,
        trial.id(),
        corpus.value().id(),
        trial.spec(),
        outcome(trial),
        TaskContext.get().attemptNumber() + 1,
        SparkEnv.get().blockManager().blockManagerId().host(),
        codeVersion);
  }

  private TrialOutcome outcome(PlannedTrial trial) {
    Instant started = Instant.now();
    try {
      return new Trainer(trial.spec(), corpus.value(), new ModelListener(trial)).train();
    } catch (CancellationException cancelled) {
      throw cancelled;
    } catch (Exception | OutOfMemoryError | LinkageError failure) {
      return new TrialOutcome(
          TrialStatus.FAILED,
          failure.toString(),
          List.of(),
          List.of(),
          "",
          "",
          started,
          Instant.now());
    }
  }

  /** Hands the weights of each epoch that is the best so far on. */
  private final class ModelListener implements TrainingListener {
    private final PlannedTrial trial;

    ModelListener(PlannedTrial trial) {
      this.trial = trial;
    }

    @Override
    public void epochEnded(EpochMetrics metrics) {}

    @Override
    public void improved(EpochMetrics metrics, RnnCore core) {
      models.improved(trial, corpus.value(), metrics, core);
    }
  }
}
