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
   * Each operand of the softmax's products as the sum of two bfloat16 numbers, three products, sums
   * in single precision: 16 bits of 24, and meant for processors with AMX.
   */
  BF16X2
}
