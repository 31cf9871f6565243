package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.RnnShape;

/**
 * The last steps that the reference engine trained on, cached in the form that {@link CoreState}
 * describes: a row per (step, b), oldest step first.
 */
final class History implements AutoCloseable {

  private final int batch;
  private final int embedding;
  private final int hidden;
  private final int capacity;
  private final INDArray rows;
  private int steps;

  /**
   * @param capacity the most steps to keep
   */
  History(Network network, int capacity) {
    RnnShape shape = network.shape();
    this.batch = shape.batch();
    this.embedding = shape.embedding();
    this.hidden = shape.hidden();
    this.capacity = capacity;
    this.rows =
        network.zeros((long) Math.max(capacity, 1) * batch, CoreState.historyColumns(shape));
  }

  /** Q: the steps that are held. */
  int steps() {
    return steps;
  }

  void clear() {
    steps = 0;
  }

  int[] tokens(int newest) {
    return columns(newest, 0, 1).ravel().toIntVector();
  }

  INDArray x(int newest) {
    return columns(newest, 2, 2 + embedding);
  }

  INDArray inputMask(int newest) {
    return columns(newest, 2 + embedding, 2 + 2 * embedding);
  }

  INDArray r(int newest) {
    return states(newest, 0);
  }

  INDArray h(int newest) {
    return states(newest, 1);
  }

  /** The factor between h and the next step's r. */
  INDArray link(int newest) {
    return states(newest, 2);
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
    INDArray edge = Nd4j.zeros(rows.dataType(), tokens.length, 1);
    INDArray link = Nd4j.onesLike(forward.h());
    if (carryMasked) {
      INDArrayIndex lastStep = interval(tokens.length - batch, tokens.length);
      edge.get(lastStep, all()).assign(1);
      link.get(lastStep, all()).assign(forward.masks().onOutput(link).get(lastStep, all()));
    }
    INDArray added =
        Nd4j.hstack(
            Nd4j.createFromArray(tokens).castTo(rows.dataType()).reshape(tokens.length, 1),
            edge,
            forward.x(),
            forward.masks().onInput(Nd4j.onesLike(forward.x())),
            forward.r(),
            forward.h(),
            link);
    INDArray all = steps == 0 ? added : Nd4j.vstack(held(), added);
    steps = Math.min(capacity, all.rows() / batch);
    held().assign(all.get(interval(all.rows() - (long) steps * batch, all.rows()), all()));
  }

  /** The rows that are held, (Q*B, 2+2E+3H): a view. */
  INDArray held() {
    return rows.get(interval(0, (long) steps * batch), all());
  }

  void setSteps(int steps) {
    this.steps = steps;
  }

  @Override
  public void close() {
    rows.close();
  }

  private INDArray states(int newest, int which) {
    int first = 2 + 2 * embedding + which * hidden;
    return columns(newest, first, first + hidden);
  }

  private INDArray columns(int newest, int from, int to) {
    return newest(newest).get(all(), interval(from, to)).dup('c');
  }

  private INDArray newest(int newest) {
    return rows.get(interval((long) (steps - newest) * batch, (long) steps * batch), all());
  }
}
