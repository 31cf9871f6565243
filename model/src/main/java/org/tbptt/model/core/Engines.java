package org.tbptt.model.core;

import org.nd4j.linalg.api.buffer.DataType;

/** Opens the engines. */
public final class Engines {

  private Engines() {}

  /** The reference engine in single precision, with parameters drawn from the seed. */
  public static RnnCore nd4j(CoreConfig config, long seed) {
    return new Nd4jCore(
        config,
        Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT),
        DataType.FLOAT);
  }
}
