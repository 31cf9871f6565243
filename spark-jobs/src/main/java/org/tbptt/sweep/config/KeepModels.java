package org.tbptt.sweep.config;

/** Of which trials the weights of the best epoch are kept. */
public enum KeepModels {
  /** Of every trial that had one. */
  ALL,
  /** Of the best trial of each style, and so of the sweep's best. */
  BEST,
  /** Of none. */
  NONE
}
