package org.tbptt.model.core;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A window's draws as arrays.
 *
 * @param layers for each layer from 0 on its mask, (T*B,E) on the embedding and (T*B,H) on a
 *     layer's output; empty where nothing is dropped
 * @param links (T*B,1): xi, or null where no link is cut
 */
public record Masks(List<INDArray> layers, INDArray links) {

  public static final Masks NONE = new Masks(List.of(), null);

  public static Masks of(Draws draws, RnnShape shape, DataType type) {
    if (draws instanceof Draws.None) {
      return NONE;
    }
    return new Masks(
        IntStream.rangeClosed(0, shape.layers())
            .mapToObj(layer -> array(Nd4j.createFromArray(draws.mask(shape, layer)), shape, type))
            .toList(),
        draws.cutsLinks() ? array(Nd4j.createFromArray(draws.links(shape)), shape, type) : null);
  }

  /** The masks of one part of the window. */
  public Masks of(Segment segment, int batch) {
    long from = (long) segment.first() * batch;
    long to = from + (long) segment.steps() * batch;
    return new Masks(
        layers.stream().map(mask -> rows(mask, from, to)).toList(), rows(links, from, to));
  }

  /**
   * A new array: values of the embedding (0) or a layer's output, masked, forwards or backwards.
   */
  public INDArray on(int layer, INDArray values) {
    return layers.isEmpty() ? values.dup('c') : values.mul(layers.get(layer));
  }

  private static INDArray array(INDArray values, RnnShape shape, DataType type) {
    return values.reshape(shape.tokens(), values.length() / shape.tokens()).castTo(type);
  }

  private static INDArray rows(INDArray mask, long from, long to) {
    return mask == null ? null : mask.get(interval(from, to), all());
  }
}
