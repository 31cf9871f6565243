package org.tbptt.model.core;

/** Initial values of Emb, W and Ws; biases start at zero. */
public enum Initialiser {
  /**
   * Uniform in +-sqrt(3 / rows), rows being the matrix's first dimension: TensorFlow's
   * uniform_unit_scaling_initializer of 2016, which r2rt's experiment used.
   */
  UNIFORM_UNIT_SCALING,
  /** Uniform in +-sqrt(6 / (rows + columns)): Glorot and Bengio 2010, equation 16. */
  GLOROT,
  /**
   * W_h, the recurrent rows of W, is a random orthogonal matrix, so that it keeps the length of
   * what it is applied to (Saxe, McClelland and Ganguli 2014); all else is as under {@link
   * #GLOROT}.
   */
  ORTHOGONAL,
  /**
   * W_h is the identity; with the cell {@code relu} that is the IRNN of Le, Jaitly and Hinton 2015.
   * All else is as under {@link #GLOROT}, where that paper draws from a narrow normal distribution.
   */
  IDENTITY;

  /** Half the width of the uniform distribution for a (rows, columns) matrix. */
  double limit(int rows, int columns) {
    return switch (this) {
      case UNIFORM_UNIT_SCALING -> Math.sqrt(3.0 / rows);
      case GLOROT, ORTHOGONAL, IDENTITY -> Math.sqrt(6.0 / (rows + columns));
    };
  }
}
