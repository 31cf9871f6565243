package org.tbptt.model.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnShape;

/**
 * The reference engine's network: parameters, cell, and products in its data type.
 *
 * <p>Arrays over steps have a row per (t,b), row t*B+b, so that one step is B neighbouring rows.
 *
 * @param shape the sizes; steps is not used
 * @param cell f
 * @param type of all arrays
 * @param parameters (rows, columns) as {@link Parameter} says
 */
record Network(RnnShape shape, Cell cell, DataType type, Map<Parameter, INDArray> parameters) {

  INDArray of(Parameter parameter) {
    return parameters.get(parameter);
  }

  /** W_x, (E,H): a view. */
  INDArray inputWeights() {
    return of(Parameter.RECURRENT).get(interval(0, shape.embedding()), all());
  }

  /** W_h, (H,H): a view. */
  INDArray stateWeights() {
    int first = shape.embedding();
    return of(Parameter.RECURRENT).get(interval(first, first + shape.hidden()), all());
  }

  /** f, in place. */
  void activate(INDArray a) {
    switch (cell) {
      // In double, because the float operation has an absolute error of 1e-7 even for small
      // results.
      case TANH -> a.assign(Transforms.tanh(a.castTo(DataType.DOUBLE), false));
      case RELU -> Transforms.relu(a, false);
      case IDENTITY -> {}
    }
  }

  /** f' written in terms of h = f(a), in the shape of h. */
  INDArray derivative(INDArray h) {
    return switch (cell) {
      case TANH -> h.mul(h).rsubi(1);
      case RELU -> h.gt(0).castTo(type);
      case IDENTITY -> Nd4j.ones(type, h.shape());
    };
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
