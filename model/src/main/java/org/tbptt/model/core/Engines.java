package org.tbptt.model.core;

import org.nd4j.linalg.api.buffer.DataType;

/** Opens the engines, in single precision, with parameters drawn from the seed. */
public final class Engines {

  private Engines() {}

  /**
   * The native core.
   *
   * @throws UnsupportedOperationException if it is not there, see {@link NativeLibrary#problem}, or
   *     TBPTT_ISA names an instruction set that this CPU has not
   */
  public static RnnCore nativeCore(CoreConfig config, long seed) {
    return new NativeCore(
        config, Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT));
  }

  /** The reference engine. */
  public static RnnCore nd4j(CoreConfig config, long seed) {
    return new Nd4jCore(
        config,
        Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT),
        DataType.FLOAT);
  }
}
