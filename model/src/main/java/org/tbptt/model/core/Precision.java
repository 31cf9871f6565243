package org.tbptt.model.core;

/** The arithmetic of the large products; all else is single precision. */
public enum Precision {
  /** IEEE single precision. */
  FP32,
  /**
   * Operands of the softmax's products, and of those that take errors back in time, rounded to
   * bfloat16, sums in single precision; of gated cells and stacks those of all products of a layer.
   * The weights stay in single precision.
   */
  BF16,
  /**
   * Each operand of the softmax's products as the sum of three bfloat16 numbers, six products, sums
   * in single precision: about as exact as {@link #FP32}, and meant for processors with AMX.
   */
  BF16X3
}
