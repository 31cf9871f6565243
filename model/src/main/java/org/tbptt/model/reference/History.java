package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.RnnShape;

/**
 * The last steps that the reference engine trained on, cached in the form that {@link CoreState}
 * describes: a row per (step, b), oldest step first.
 */
final class History implements AutoCloseable {

  private final RnnShape shape;
  private final int capacity;
  private final INDArray rows;
  private int steps;

  /**
   * @param capacity the most steps to keep
   */
  History(Network network, int capacity) {
    this.shape = network.shape();
    this.capacity = capacity;
    this.rows =
        network.zeros(
            (long) Math.max(capacity, 1) * shape.batch(), CoreState.historyColumns(shape));
  }

  /** Q: the steps that are held. */
  int steps() {
    return steps;
  }

  void clear() {
    steps = 0;
  }

  /** A copy of the newest steps of those that are held. */
  HistoryRows newest(int newest) {
    long batch = shape.batch();
    INDArray held = rows.get(interval((steps - newest) * batch, steps * batch), all());
    return HistoryRows.of(held, shape);
  }

  /**
   * Adds the steps of a pass and drops the oldest.
   *
   * @param carryMasked whether the state is carried after output dropout
   */
  void append(int[] tokens, Forward forward, boolean carryMasked) {
    if (capacity == 0) {
      return;
    }
    INDArray added = HistoryRows.join(tokens, forward, carryMasked, shape);
    INDArray all = steps == 0 ? added : Nd4j.vstack(held(), added);
    steps = Math.min(capacity, all.rows() / shape.batch());
    held().assign(all.get(interval(all.rows() - (long) steps * shape.batch(), all.rows()), all()));
  }

  /** The rows that are held, (Q*B, {@link CoreState#historyColumns}): a view. */
  INDArray held() {
    return rows.get(interval(0, (long) steps * shape.batch()), all());
  }

  void setSteps(int steps) {
    this.steps = steps;
  }

  @Override
  public void close() {
    rows.close();
  }
}
