package org.tbptt.model.core;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A window's dropout as arrays.
 *
 * @param input (T*B,E), or null where nothing is dropped
 * @param output (T*B,H), or null where nothing is dropped
 */
record Masks(INDArray input, INDArray output) {

  static final Masks NONE = new Masks(null, null);

  static Masks of(Draws draws, RnnShape shape, DataType type) {
    if (draws instanceof Draws.None) {
      return NONE;
    }
    return new Masks(
        Nd4j.createFromArray(draws.inputMask(shape))
            .reshape(shape.tokens(), shape.embedding())
            .castTo(type),
        Nd4j.createFromArray(draws.outputMask(shape))
            .reshape(shape.tokens(), shape.hidden())
            .castTo(type));
  }

  /** A new array: x with the input mask applied, forwards or backwards. */
  INDArray onInput(INDArray x) {
    return input == null ? x.dup('c') : x.mul(input);
  }

  /** A new array: h with the output mask applied, forwards or backwards. */
  INDArray onOutput(INDArray h) {
    return output == null ? h.dup('c') : h.mul(output);
  }
}
