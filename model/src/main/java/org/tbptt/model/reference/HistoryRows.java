package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.RnnShape;

/**
 * Steps of history, taken out of the rows that {@link CoreState} describes.
 *
 * @param tokens that were read
 * @param layers from the first one up
 * @param link what the state of the following step is h multiplied by (rows,H); null where that is
 *     always 1
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one pass, never compared
record HistoryRows(int[] tokens, List<LayerSteps> layers, INDArray link) {

  /** Copies. */
  static HistoryRows of(INDArray rows, RnnShape shape) {
    Columns columns = new Columns(rows);
    int[] tokens = columns.next(1).ravel().toIntVector();
    columns.next(1); // edge
    List<LayerSteps> layers = new ArrayList<>();
    for (int layer = 1; layer <= shape.layers(); layer++) {
      layers.add(
          new LayerSteps(
              columns.next(shape.inputWidth(layer)),
              columns.next(shape.inputWidth(layer)),
              columns.next(shape.hidden()),
              columns.next(CoreState.keptColumns(shape))));
    }
    boolean linked = CoreState.linkColumns(shape) > 0;
    return new HistoryRows(tokens, layers, linked ? columns.next(shape.hidden()) : null);
  }

  /**
   * The rows of a forward pass.
   *
   * @param carryMasked whether the state went on after output dropout
   */
  static INDArray join(int[] tokens, Forward forward, boolean carryMasked, RnnShape shape) {
    INDArray edge = Nd4j.zeros(forward.h().dataType(), tokens.length, 1);
    INDArray link = Nd4j.onesLike(forward.h());
    if (carryMasked) {
      INDArrayIndex lastStep = interval(tokens.length - shape.batch(), tokens.length);
      edge.get(lastStep, all()).assign(1);
      link.get(lastStep, all()).assign(forward.masks().on(1, link).get(lastStep, all()));
    }
    List<INDArray> columns = new ArrayList<>();
    columns.add(Nd4j.createFromArray(tokens).castTo(edge.dataType()).reshape(tokens.length, 1));
    columns.add(edge);
    for (LayerSteps steps : forward.layers()) {
      columns.add(steps.u());
      columns.add(steps.mask() == null ? Nd4j.onesLike(steps.u()) : steps.mask());
      columns.add(steps.previous());
      columns.add(steps.kept());
    }
    if (CoreState.linkColumns(shape) > 0) {
      columns.add(link);
    }
    return Nd4j.hstack(columns.toArray(INDArray[]::new));
  }

  /** Takes columns from left to right. */
  private static final class Columns {
    private final INDArray rows;
    private long taken;

    Columns(INDArray rows) {
      this.rows = rows;
    }

    INDArray next(long count) {
      taken += count;
      return rows.get(all(), interval(taken - count, taken)).dup('c');
    }
  }
}
