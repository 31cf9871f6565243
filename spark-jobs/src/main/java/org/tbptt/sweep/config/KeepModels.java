package org.tbptt.sweep.config;

/** Which trials' weights of the best epoch are kept. */
public enum KeepModels {
  /** Every trial that has one. */
  ALL,
  /** The best trial of each style, and so the sweep's best. */
  BEST,
  /** None. */
  NONE
}
