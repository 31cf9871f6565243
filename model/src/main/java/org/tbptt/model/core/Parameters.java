package org.tbptt.model.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/** The starting values of a network: a function of the model, the shape and the seed alone. */
public final class Parameters {

  private Parameters() {}

  /**
   * Freshly drawn matrices, the same numbers whatever the engine.
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
    return parameters;
  }

  /** Uniform in (-limit, limit), from the upper 24 bits of each word: exact in single precision. */
  private static float[] uniform(double limit, long seed, Purpose purpose, int count) {
    int[] words = Philox.words(seed, purpose, 0, 0, count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      double unit = ((words[i] >>> 8) + 0.5) * 0x1p-24;
      values[i] = (float) ((2 * unit - 1) * limit);
    }
    return values;
  }
}
