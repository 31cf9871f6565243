package org.tbptt.model.train;

/** The arithmetic of training. */
public enum Precision {
  /** IEEE single precision throughout. */
  FP32
}
