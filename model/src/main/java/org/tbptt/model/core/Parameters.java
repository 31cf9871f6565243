package org.tbptt.model.core;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/** The initial values of a network, a function of the model, the shape and the seed only. */
public final class Parameters {

  /**
   * What a trainer keeps beside the engine: an epoch's start, and a checkpoint with two moments.
   */
  public static final int TRAINER_COPIES = 4;

  private Parameters() {}

  /** Bytes of all matrices together, fp32. */
  public static long bytes(RnnShape shape) {
    long floats = 0;
    for (Parameter parameter : Parameter.values()) {
      floats += (long) parameter.rows(shape) * parameter.columns(shape);
    }
    return Float.BYTES * floats;
  }

  /**
   * Initial matrices, the same numbers for every engine.
   *
   * @param type FLOAT, or DOUBLE for exact checks
   */
  public static Map<Parameter, INDArray> initial(
      RnnShape shape, Initialiser init, long seed, DataType type) {
    Map<Parameter, INDArray> parameters = new EnumMap<>(Parameter.class);
    for (Parameter parameter : Parameter.values()) {
      int rows = parameter.rows(shape);
      int columns = parameter.columns(shape);
      INDArray matrix = Nd4j.create(type, new long[] {rows, columns}, 'c');
      Optional<Purpose> purpose = parameter.init();
      if (purpose.isPresent()) {
        double limit = init.limit(rows, columns);
        float[] values = uniform(limit, seed, purpose.get(), rows * columns);
        matrix.assign(Nd4j.createFromArray(values).reshape(rows, columns));
      }
      parameters.put(parameter, matrix);
    }
    INDArray stateWeights =
        parameters
            .get(Parameter.RECURRENT)
            .get(interval(shape.embedding(), shape.embedding() + shape.hidden()), all());
    switch (init) {
      case ORTHOGONAL -> stateWeights.assign(orthogonal(shape.hidden(), seed));
      case IDENTITY -> stateWeights.assign(Nd4j.eye(shape.hidden()));
      case UNIFORM_UNIT_SCALING, GLOROT -> {}
    }
    return parameters;
  }

  /**
   * An orthogonal (size, size) matrix, all of them equally likely: the Q of a normal matrix's QR
   * decomposition whose R has a positive diagonal. Mezzadri 2007, "How to generate random matrices
   * from the classical compact groups", section 5.
   */
  private static INDArray orthogonal(int size, long seed) {
    NormalDistribution normal = new NormalDistribution(null, 0, 1);
    int[] words = Philox.words(seed, Purpose.ORTHOGONAL_INIT, 0, 0, size * size);
    RealMatrix gaussian = new Array2DRowRealMatrix(size, size);
    for (int i = 0; i < words.length; i++) {
      gaussian.setEntry(i / size, i % size, normal.inverseCumulativeProbability(unit(words[i])));
    }
    QRDecomposition decomposition = new QRDecomposition(gaussian);
    double[][] q = decomposition.getQ().getData();
    for (int column = 0; column < size; column++) {
      double sign = Math.signum(decomposition.getR().getEntry(column, column));
      for (double[] row : q) {
        row[column] *= sign;
      }
    }
    return Nd4j.createFromArray(q);
  }

  /** In (0, 1), from the upper 24 bits of a word: exact in single precision. */
  private static double unit(int word) {
    return ((word >>> 8) + 0.5) * 0x1p-24;
  }

  /** Uniform in (-limit, limit). */
  private static float[] uniform(double limit, long seed, Purpose purpose, int count) {
    int[] words = Philox.words(seed, purpose, 0, 0, count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) ((2 * unit(words[i]) - 1) * limit);
    }
    return values;
  }
}
