package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;

/**
 * The epoch of a finished trial that had its lowest validation loss.
 *
 * @param epoch from 1
 * @param validLoss nats per token, finite
 */
public record BestEpoch(String trialId, String style, int epoch, double validLoss)
    implements Comparable<BestEpoch> {

  /** Of trials, by which one is made. */
  static final List<String> COLUMNS =
      List.of(Table.TRIAL_ID, "status", "style", "best_epoch", "best_valid_loss");

  public BestEpoch {
    requireNonNull(trialId, "trialId");
    requireNonNull(style, "style");
  }

  /** Nothing if the trial failed or no epoch had a finite loss. */
  public static Optional<BestEpoch> of(TrialResult result) {
    return Optional.of(result.outcome())
        .filter(outcome -> outcome.status() != TrialStatus.FAILED)
        .flatMap(TrialOutcome::best)
        .map(
            best ->
                new BestEpoch(
                    result.trialId(),
                    result.spec().truncation().style(),
                    best.epoch(),
                    best.validLoss()));
  }

  /** Nothing if a row of trials tells of none. */
  static Optional<BestEpoch> of(Group trial) {
    boolean failed = trial.getString("status", 0).equals(TrialStatus.FAILED.name());
    return failed || trial.getFieldRepetitionCount("best_valid_loss") == 0
        ? Optional.empty()
        : Optional.of(
            new BestEpoch(
                trial.getString(Table.TRIAL_ID, 0),
                trial.getString("style", 0),
                trial.getInteger("best_epoch", 0),
                trial.getDouble("best_valid_loss", 0)));
  }

  /** The lower loss first; of equal ones the lower id, so that it does not matter who was first. */
  @Override
  public int compareTo(BestEpoch other) {
    int byLoss = Double.compare(validLoss, other.validLoss);
    return byLoss != 0 ? byLoss : trialId.compareTo(other.trialId);
  }
}
