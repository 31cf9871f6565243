package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tbptt.model.core.Engine;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.LagDecay;

/**
 * The outcome of a trial.
 *
 * @param status how it ended
 * @param reason why it did not complete; empty if it did
 * @param epochs one entry for each epoch that ended, in order
 * @param diagnoses what was measured before the first epoch and after each, in order; empty if
 *     nothing was
 * @param engine that computed it; of a trial that failed the one that was to
 * @param instructionSet that the engine used; empty if none was opened
 * @param checkpointSeconds that the last attempt spent on saving checkpoints
 * @param startedAt when training began
 * @param finishedAt when the last epoch ended, or the trial failed or stopped
 */
public record TrialOutcome(
    TrialStatus status,
    String reason,
    List<EpochMetrics> epochs,
    List<Diagnosis> diagnoses,
    String engine,
    String instructionSet,
    double checkpointSeconds,
    Instant startedAt,
    Instant finishedAt)
    implements Serializable {

  public TrialOutcome {
    requireNonNull(status, "status");
    requireNonNull(reason, "reason");
    requireNonNull(engine, "engine");
    requireNonNull(instructionSet, "instructionSet");
    requireNonNull(startedAt, "startedAt");
    requireNonNull(finishedAt, "finishedAt");
    epochs = List.copyOf(epochs);
    diagnoses = List.copyOf(diagnoses);
  }

  /**
   * The outcome of a trial that has just failed; {@link #after} adds its earlier epochs.
   *
   * @param engine that was to compute it
   * @param startedAt when the attempt that failed began
   */
  public static TrialOutcome failed(String reason, Engine engine, Instant startedAt) {
    return new TrialOutcome(
        TrialStatus.FAILED,
        reason,
        List.of(),
        List.of(),
        engine.name(),
        "",
        0,
        startedAt,
        Instant.now());
  }

  /** The same with the trial's earlier epochs and its start. */
  public TrialOutcome after(List<EpochMetrics> before, Instant start) {
    return new TrialOutcome(
        status,
        reason,
        before,
        diagnoses,
        engine,
        instructionSet,
        checkpointSeconds,
        start,
        finishedAt);
  }

  /** The same with another reason. */
  public TrialOutcome because(String why) {
    return new TrialOutcome(
        status,
        why,
        epochs,
        diagnoses,
        engine,
        instructionSet,
        checkpointSeconds,
        startedAt,
        finishedAt);
  }

  /** The epoch with the lowest finite validation loss, the first of them if several have it. */
  public Optional<EpochMetrics> best() {
    return epochs.stream()
        .filter(epoch -> Double.isFinite(epoch.validLoss()))
        .min(Comparator.comparingDouble(EpochMetrics::validLoss));
  }

  /** How errors decay, by the last measurement. */
  public Optional<LagDecay> decay() {
    return diagnoses.isEmpty()
        ? Optional.empty()
        : Optional.of(diagnoses.get(diagnoses.size() - 1).decay());
  }

  public long trainTokens() {
    return epochs.stream().mapToLong(EpochMetrics::tokens).sum();
  }

  /** Seconds of training, validation not included. */
  public double trainSeconds() {
    return epochs.stream().mapToDouble(EpochMetrics::seconds).sum();
  }
}
