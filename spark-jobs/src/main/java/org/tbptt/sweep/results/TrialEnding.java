package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.apache.parquet.example.data.Group;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialStatus;

/**
 * How a trial ended, as far as a search wants to know.
 *
 * @param epochs that it was trained
 * @param validLoss the lowest, nats per token; NaN if there was none
 */
public record TrialEnding(String trialId, TrialStatus status, int epochs, double validLoss) {

  /** Of trials, by which one is made. */
  static final List<String> COLUMNS =
      List.of(Table.TRIAL_ID, "status", "epochs_run", "best_valid_loss");

  public TrialEnding {
    requireNonNull(trialId, "trialId");
    requireNonNull(status, "status");
  }

  public static TrialEnding of(TrialResult result) {
    return new TrialEnding(
        result.trialId(),
        result.outcome().status(),
        result.outcome().epochs().size(),
        result.outcome().best().map(EpochMetrics::validLoss).orElse(Double.NaN));
  }

  /** By a row of trials. */
  static TrialEnding of(Group trial) {
    return new TrialEnding(
        trial.getString(Table.TRIAL_ID, 0),
        TrialStatus.valueOf(trial.getString("status", 0)),
        trial.getFieldRepetitionCount("epochs_run") == 0 ? 0 : trial.getInteger("epochs_run", 0),
        trial.getFieldRepetitionCount("best_valid_loss") == 0
            ? Double.NaN
            : trial.getDouble("best_valid_loss", 0));
  }
}
