package org.tbptt.model.core;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/** The starting values of a network: a function of the model, its sizes and the seed alone. */
public final class Parameters {

  /**
   * What a trainer keeps beside the engine: an epoch's start, and a checkpoint with two moments.
   */
  public static final int TRAINER_COPIES = 4;

  private static final int FORGET_GATE = 1; // of i f g o

  private Parameters() {}

  /** Bytes of all matrices together, fp32. */
  public static long bytes(RnnShape shape) {
    return Float.BYTES
        * shape.parameters().stream()
            .mapToLong(parameter -> (long) parameter.rows(shape) * parameter.columns(shape))
            .sum();
  }

  /**
   * The squared L2 norm of a matrix. Summed in double precision: a sum of a million squares in
   * single precision is off by 1e-4, and so would be what clipping makes of a gradient.
   */
  public static double squares(INDArray matrix) {
    INDArray exact = matrix.castTo(DataType.DOUBLE);
    double norm = exact.norm2Number().doubleValue();
    if (exact != matrix) {
      exact.close();
    }
    return norm * norm;
  }

  /**
   * Initial matrices, the same numbers for every engine.
   *
   * @param shape of that model
   * @param type FLOAT, or DOUBLE for exact checks
   */
  public static SortedMap<Parameter, INDArray> initial(
      RnnModel model, RnnShape shape, long seed, DataType type) {
    SortedMap<Parameter, INDArray> parameters = new TreeMap<>();
    for (Parameter parameter : shape.parameters()) {
      int rows = parameter.rows(shape);
      int columns = parameter.columns(shape);
      INDArray matrix = Nd4j.create(type, new long[] {rows, columns}, 'c');
      switch (parameter.kind()) {
        case EMBEDDING -> draw(matrix, model, seed, Purpose.EMBEDDING_INIT, 1);
        case SOFTMAX -> draw(matrix, model, seed, Purpose.SOFTMAX_INIT, 1);
        case RECURRENT -> {
          int layer = parameter.layer();
          draw(matrix, model, seed, Purpose.RECURRENT_INIT, layer);
          INDArray stateRows = matrix.get(interval(shape.inputWidth(layer), rows), all());
          for (int gate = 0; gate < shape.cell().gates(); gate++) {
            INDArray block = stateRows.get(all(), gate(gate, shape));
            switch (model.init()) {
              case ORTHOGONAL -> block.assign(orthogonal(shape.hidden(), seed, layer, gate));
              case IDENTITY -> block.assign(Nd4j.eye(shape.hidden()));
              case UNIFORM_UNIT_SCALING, GLOROT, UNIFORM -> {}
            }
          }
        }
        case RECURRENT_BIAS -> {
          if (shape.cell() == Cell.LSTM) {
            matrix.get(all(), gate(FORGET_GATE, shape)).assign(model.forgetBias());
          }
        }
        case SOFTMAX_BIAS -> {}
      }
      parameters.put(parameter, matrix);
    }
    return parameters;
  }

  private static INDArrayIndex gate(int gate, RnnShape shape) {
    return interval((long) gate * shape.hidden(), (gate + 1L) * shape.hidden());
  }

  private static void draw(INDArray matrix, RnnModel model, long seed, Purpose purpose, int layer) {
    double limit = model.init().limit(matrix.rows(), matrix.columns(), model.initScale());
    int[] words = Philox.words(seed, purpose, layer, 0, 0, Math.toIntExact(matrix.length()));
    float[] values = new float[words.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * unit(words[i]) - 1) * limit);
    }
    try (INDArray drawn = Nd4j.createFromArray(values)) {
      matrix.assign(drawn.reshape(matrix.shape()));
    }
  }

  /**
   * An orthogonal (size, size) matrix, all of them equally likely: the Q of a normal matrix's QR
   * decomposition whose R has a positive diagonal. Mezzadri 2007, "How to generate random matrices
   * from the classical compact groups", section 5.
   */
  private static INDArray orthogonal(int size, long seed, int layer, int gate) {
    NormalDistribution normal = new NormalDistribution(null, 0, 1);
    int[] words = Philox.words(seed, Purpose.ORTHOGONAL_INIT, layer, 0, gate, size * size);
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
}
