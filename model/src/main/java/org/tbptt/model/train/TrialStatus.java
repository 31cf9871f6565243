package org.tbptt.model.train;

/** How a trial ended. */
public enum TrialStatus {
  /** All epochs were trained. */
  COMPLETED,
  /** The loss or the gradient stopped being finite; earlier epochs count. */
  DIVERGED,
  /** Something else went wrong; the reason says what. */
  FAILED
}
