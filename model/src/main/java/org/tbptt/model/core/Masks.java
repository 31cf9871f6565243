package org.tbptt.model.core;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A window's draws as arrays.
 *
 * @param input (T*B,E), or null without dropout
 * @param output (T*B,H), or null without dropout
 * @param links (T*B,1): xi, or null if no link is cut
 */
public record Masks(INDArray input, INDArray output, INDArray links) {

  public static final Masks NONE = new Masks(null, null, null);

  public static Masks of(Draws draws, RnnShape shape, DataType type) {
    if (draws instanceof Draws.None) {
      return NONE;
    }
    return new Masks(
        array(Nd4j.createFromArray(draws.inputMask(shape)), shape, type),
        array(Nd4j.createFromArray(draws.outputMask(shape)), shape, type),
        draws.cutsLinks() ? array(Nd4j.createFromArray(draws.links(shape)), shape, type) : null);
  }

  /** The masks of one part of the window. */
  public Masks of(Segment segment, int batch) {
    long from = (long) segment.first() * batch;
    long to = from + (long) segment.steps() * batch;
    return new Masks(rows(input, from, to), rows(output, from, to), rows(links, from, to));
  }

  /** A new array: x with the input mask applied, forwards or backwards. */
  public INDArray onInput(INDArray x) {
    return input == null ? x.dup('c') : x.mul(input);
  }

  /** A new array: h with the output mask applied, forwards or backwards. */
  public INDArray onOutput(INDArray h) {
    return output == null ? h.dup('c') : h.mul(output);
  }

  private static INDArray array(INDArray values, RnnShape shape, DataType type) {
    return values.reshape(shape.tokens(), values.length() / shape.tokens()).castTo(type);
  }

  private static INDArray rows(INDArray mask, long from, long to) {
    return mask == null ? null : mask.get(interval(from, to), all());
  }
}
