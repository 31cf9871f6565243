package org.tbptt.sweep.results;

import java.util.List;

/** The tables. The columns of each stand beside what its rows are made from. */
public final class Tables {

  /** One row per finished trial. */
  public static final Table<TrialResult> TRIALS = new Table<>("trials", TrialColumns.ALL);

  /** One row per epoch of a trial. */
  public static final Table<TrialEpoch> EPOCHS = new Table<>("epochs", TrialEpoch.COLUMNS);

  /** One row per lag, for each time that a finished trial's gradients were measured. */
  public static final Table<TrialLag> LAGS = new Table<>("lags", TrialLag.COLUMNS);

  /**
   * One row per parameter and one for all together, for each time that a finished trial's gradients
   * were measured.
   */
  public static final Table<TrialBias> BIAS = new Table<>("bias", TrialBias.COLUMNS);

  /** One row per verdict of the stopping rule on a trial. */
  public static final Table<TrialRung> RUNGS = new Table<>("rungs", TrialRung.COLUMNS);

  /** One row per evaluated trial. */
  public static final Table<TestLoss> TEST_LOSSES = new Table<>("test_losses", TestLoss.COLUMNS);

  /** One row per sweep: what it was told when it was last run. */
  public static final Table<SweepRecord> SWEEPS = new Table<>("sweeps", SweepRecord.COLUMNS);

  /** Every table. */
  public static final List<Table<?>> ALL =
      List.of(TRIALS, EPOCHS, LAGS, BIAS, RUNGS, TEST_LOSSES, SWEEPS);

  private Tables() {}
}
