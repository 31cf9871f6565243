package org.tbptt.sweep.run;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.Trainer;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.TrialResult;

/**
 * What an executor does: trains one trial on the corpus that was sent to it once. Whatever the
 * trial does wrong is a result; only a cancelled task fails.
 */
final class TrialTask implements Function<PlannedTrial, TrialResult> {

  private final String sweep;
  private final Broadcast<Corpus> corpus;
  private final String codeVersion;

  TrialTask(String sweep, Broadcast<Corpus> corpus, String codeVersion) {
    this.sweep = sweep;
    this.corpus = corpus;
    this.codeVersion = codeVersion;
  }

  @Override
  public TrialResult call(PlannedTrial trial) {
    return new TrialResult(
        sweep,
        trial.id(),
        corpus.value().id(),
        trial.spec(),
        outcome(trial.spec()),
        TaskContext.get().attemptNumber() + 1,
        SparkEnv.get().blockManager().blockManagerId().host(),
        codeVersion);
  }

  private TrialOutcome outcome(TrialSpec spec) {
    Instant started = Instant.now();
    try {
      return new Trainer(spec, corpus.value(), epoch -> {}).train();
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
}
