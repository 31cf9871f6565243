package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreState;

/**
 * The formulas of one kind of cell, for any number of rows, with h' and c' for the state of the
 * step before. {@link Cell} has the definitions.
 */
interface RecurrentCell {

  /**
   * A step.
   *
   * @param h (rows,H)
   * @param c (rows,H), or null where the cell has none
   * @param kept what the way back needs, the columns of {@link CoreState#keptColumns}
   */
  record Step(INDArray h, INDArray c, INDArray kept) {}

  /**
   * Errors on their way back through a step.
   *
   * @param activations dloss/da, a part of H columns for each of the bias's
   * @param h what goes to h' without passing W, (rows,H), or null
   * @param c what goes to c', (rows,H), or null
   */
  record StepErrors(INDArray activations, INDArray h, INDArray c) {}

  /**
   * One step forward.
   *
   * @param fromInput u W_x + b (rows, G H)
   * @param fromState h' W_h (rows, G H), a GRU's with b_hn
   */
  Step forward(INDArray fromInput, INDArray fromState, INDArray previousH, INDArray previousC);

  /**
   * One step back.
   *
   * @param kept of that step
   * @param dh dloss/dh (rows,H)
   * @param dc dloss/dc as far as it comes from the next step's c, or null
   */
  StepErrors back(INDArray previousH, INDArray kept, INDArray dh, INDArray dc);

  /** Of dloss/da what the product with the input's rows of W is given, (rows, G H). */
  default INDArray toInput(INDArray activations) {
    return activations;
  }

  /** Of dloss/da what the product with the state's rows of W is given, (rows, G H). */
  default INDArray toState(INDArray activations) {
    return activations;
  }

  static RecurrentCell of(Cell cell) {
    return switch (cell) {
      case TANH, RELU, IDENTITY -> new GatelessCell(cell);
      case LSTM -> new LstmCell();
      case GRU -> new GruCell();
    };
  }

  /** Part number i, from 0, of H columns each: a view. */
  static INDArray part(INDArray rows, int i, long hidden) {
    return rows.get(all(), interval(i * hidden, (i + 1) * hidden));
  }

  /** A new array; in double, because the float operation is only good to 1e-7 of 1. */
  static INDArray tanh(INDArray a) {
    return Transforms.tanh(inDouble(a), false).castTo(a.dataType());
  }

  /** The logistic function 1 / (1 + exp(-a)), a new array; in double as {@link #tanh}. */
  static INDArray logistic(INDArray a) {
    return Transforms.sigmoid(inDouble(a), false).castTo(a.dataType());
  }

  /** A copy: castTo gives the array itself where it is double already. */
  private static INDArray inDouble(INDArray a) {
    return a.dataType() == DataType.DOUBLE ? a.dup() : a.castTo(DataType.DOUBLE);
  }
}
