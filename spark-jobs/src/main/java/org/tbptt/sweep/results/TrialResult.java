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
 * @param candidate its index in the search that proposed it, from 0; null in a grid
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
    String codeVersion,
    Integer candidate)
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

  /** Of a grid, or as an executor knows it. */
  public TrialResult(
      String sweep,
      String trialId,
      String corpusId,
      TrialSpec spec,
      TrialOutcome outcome,
      int attempts,
      int threads,
      String host,
      String codeVersion) {
    this(sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion, null);
  }

  /** The same with another outcome. */
  public TrialResult withOutcome(TrialOutcome outcome) {
    return new TrialResult(
        sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion, candidate);
  }

  /** The same, proposed by a search. */
  public TrialResult withCandidate(Integer candidate) {
    return new TrialResult(
        sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion, candidate);
  }

  /** The same with another number of attempts. */
  public TrialResult withAttempts(int attempts) {
    return new TrialResult(
        sweep, trialId, corpusId, spec, outcome, attempts, threads, host, codeVersion, candidate);
  }
}
