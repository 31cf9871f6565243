package org.tbptt.model.core;

/** Which state goes from one training window into the next; evaluation always carries h itself. */
public enum Carry {
  /** h_T, the cell's own state. */
  STATE,
  /** h_T after output dropout, as r2rt's experiment did. */
  POST_DROPOUT
}
