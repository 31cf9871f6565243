package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;

/**
 * A finished trial, with where it belongs and where it ran.
 *
 * @param trialId what the trial is known by, whatever sweep it is in
 * @param attempts how often it was started, 1 if nothing interrupted it and no rung paused it
 * @param threads that computed its steps together
 * @param host the executor's, as Spark names it
 */
public record TrialResult(
    String sweep,
    String trialId,
    String corpusId,
    TrialSpec spec,
    TrialOutcome outcome,
    int attempts,
    int threads,
    String host,
    String codeVersion)
    implements Serializable {

  public TrialResult {
    requireNonNull(sweep, "sweep");
    requireNonNull(trialId, "trialId");
    requireNonNull(corpusId, "corpusId");
    requireNonNull(spec, "spec");
    requireNonNull(outcome, "outcome");
    requireNonNull(host, "host");
    requireNonNull(codeVersion, "codeVersion");
  }

  /** The same with another outcome. */
  public TrialResult withOutcome(TrialOutcome outcome) {
    return new TrialResult(
        sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion);
  }

  /** The same with another number of attempts. */
  public TrialResult withAttempts(int attempts) {
    return new TrialResult(
        sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion);
  }
}
