package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnShape;

/**
 * The reference engine's network: parameters, cell, and products in its data type.
 *
 * <p>Arrays over steps have a row per (t,b), row t*B+b, so that one step is B neighbouring rows.
 *
 * @param shape the sizes; steps have no meaning here
 * @param cell the formulas of every layer's cell
 * @param type of all arrays
 * @param parameters (rows, columns) as {@link Parameter} says
 */
record Network(
    RnnShape shape, RecurrentCell cell, DataType type, SortedMap<Parameter, INDArray> parameters) {

  static Network of(RnnShape shape, DataType type, SortedMap<Parameter, INDArray> parameters) {
    return new Network(shape, RecurrentCell.of(shape.cell()), type, parameters);
  }

  INDArray of(Parameter parameter) {
    return parameters.get(parameter);
  }

  /** W_x of a layer, (in, G H): a view. */
  INDArray inputWeights(int layer) {
    return of(Parameter.recurrent(layer)).get(interval(0, shape.inputWidth(layer)), all());
  }

  /** W_h of a layer, (H, G H): a view. */
  INDArray stateWeights(int layer) {
    int first = shape.inputWidth(layer);
    return of(Parameter.recurrent(layer)).get(interval(first, first + shape.hidden()), all());
  }

  /** u W_x + b, (rows, G H). */
  INDArray fromInput(int layer, INDArray u) {
    INDArray bias = of(Parameter.recurrentBias(layer)).get(all(), interval(0, gateColumns()));
    return times(u, inputWeights(layer)).addiRowVector(bias);
  }

  /** h' W_h, (rows, G H), with the part of b, if there is one, that goes with the state. */
  INDArray fromState(int layer, INDArray previous) {
    INDArray product = times(previous, stateWeights(layer));
    INDArray bias = of(Parameter.recurrentBias(layer));
    if (bias.columns() > gateColumns()) {
      product
          .get(all(), interval(gateColumns() - shape.hidden(), gateColumns()))
          .addiRowVector(bias.get(all(), interval(gateColumns(), bias.columns())));
    }
    return product;
  }

  /** What errors on activations are to a layer's unmasked input: (g W_x^T) * mask, (rows,in). */
  INDArray toInput(int layer, INDArray g, INDArray mask) {
    INDArray du = times(cell.toInput(g), inputWeights(layer).transpose());
    return mask == null ? du : du.muli(mask);
  }

  /** A zero state, {@link RnnShape#states} by name. */
  SortedMap<String, INDArray> zeroState() {
    SortedMap<String, INDArray> state = new TreeMap<>();
    shape.states().forEach(name -> state.put(name, zeros(shape.batch(), shape.hidden())));
    return state;
  }

  private int gateColumns() {
    return shape.cell().gates() * shape.hidden();
  }

  /** Step t of an array with a row per (t,b): a view. */
  INDArray step(INDArray rows, int t) {
    return steps(rows, t, t + 1);
  }

  /** Steps from..to-1 of an array with a row per (t,b): a view. */
  INDArray steps(INDArray rows, int from, int to) {
    return rows.get(interval((long) from * shape.batch(), (long) to * shape.batch()), all());
  }

  /** A matrix product in row-major order, as the views over steps require. */
  INDArray times(INDArray left, INDArray right) {
    return Nd4j.matmul(left, right, matrix(left.rows(), right.columns()));
  }

  /** Uninitialised. */
  INDArray matrix(long rows, long columns) {
    return Nd4j.createUninitialized(type, new long[] {rows, columns}, 'c');
  }

  INDArray zeros(long rows, long columns) {
    return Nd4j.create(type, new long[] {rows, columns}, 'c');
  }
}
