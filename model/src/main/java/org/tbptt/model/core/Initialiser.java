package org.tbptt.model.core;

/** How Emb, W and Ws start; biases start at zero. */
public enum Initialiser {
  /**
   * Uniform in +-sqrt(3 / rows), rows being the matrix's first dimension: TensorFlow's
   * uniform_unit_scaling_initializer of 2016, which r2rt's experiment used.
   */
  UNIFORM_UNIT_SCALING {
    @Override
    double limit(int rows, int columns) {
      return Math.sqrt(3.0 / rows);
    }
  },
  /** Uniform in +-sqrt(6 / (rows + columns)): Glorot and Bengio 2010, equation 16. */
  GLOROT {
    @Override
    double limit(int rows, int columns) {
      return Math.sqrt(6.0 / (rows + columns));
    }
  };

  /** Half the width of the uniform distribution for a (rows, columns) matrix. */
  abstract double limit(int rows, int columns);
}
