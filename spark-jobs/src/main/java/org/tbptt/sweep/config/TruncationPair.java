package org.tbptt.sweep.config;

import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/**
 * One value of the grid's truncation axis, from which each style takes what it needs.
 *
 * @param bpttSteps n, at least 1
 * @param seqLen T, at least 1
 */
record TruncationPair(int bpttSteps, int seqLen) {

  /** The values of the grid's style axis. */
  enum Style {
    TF,
    TRUE,
    FULL
  }

  TruncationPair {
    atLeastOne("bptt-steps", bpttSteps);
    atLeastOne("seq-len", seqLen);
  }

  /**
   * @throws IllegalArgumentException when the style cannot have such a pair
   */
  Truncation in(Style style) {
    return switch (style) {
      case TF -> new TensorFlowStyle(bpttSteps);
      case TRUE -> new TrueStyle(bpttSteps, seqLen);
      case FULL -> new FullStyle(seqLen);
    };
  }

  private static void atLeastOne(String setting, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(setting + " = " + value + ": must be at least 1");
    }
  }
}
