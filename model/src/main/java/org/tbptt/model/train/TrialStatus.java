package org.tbptt.model.train;

/** How a trial ended. */
public enum TrialStatus {
  /** All epochs were trained. */
  COMPLETED,
  /**
   * The loss or the gradient was not finite, or an epoch ended with a validation loss above 100 ln
   * V; earlier epochs count.
   */
  DIVERGED,
  /** Something else went wrong; the reason says what. */
  FAILED,
  /** A stopping rule ended it before its last epoch; it can resume from its checkpoint. */
  STOPPED
}
