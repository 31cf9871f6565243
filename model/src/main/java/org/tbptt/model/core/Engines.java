package org.tbptt.model.core;

import org.nd4j.linalg.api.buffer.DataType;

/** Opens the engines, in single precision, with parameters drawn from the seed. */
public final class Engines {

  // The parameters, their gradient, two moments and a temporary in an engine of ND4J operations.
  private static final int OWN = 5;
  // The parameters at an epoch's start; the parameters and two moments of a checkpoint.
  private static final int COPIES = 4;

  private Engines() {}

  /**
   * The native core, with one thread.
   *
   * @throws UnsupportedOperationException if it is not there, see {@link NativeLibrary#problem}, or
   *     TBPTT_ISA names an instruction set that this CPU has not
   */
  public static RnnCore nativeCore(CoreConfig config, long seed) {
    return nativeCore(config, seed, 1);
  }

  /**
   * The native core.
   *
   * @param threads that compute a step together, from 1 to 1024; numbers do not depend on it
   * @throws UnsupportedOperationException if it is not there, see {@link NativeLibrary#problem}, or
   *     TBPTT_ISA names an instruction set that this CPU has not
   */
  public static RnnCore nativeCore(CoreConfig config, long seed, int threads) {
    return new NativeCore(
        config,
        threads,
        Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT));
  }

  /** The reference engine. */
  public static RnnCore nd4j(CoreConfig config, long seed) {
    return new Nd4jCore(
        config,
        Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT),
        DataType.FLOAT);
  }

  /** Memory outside the heap that a trial in the native core takes, bytes. */
  public static long nativeBytes(CoreConfig config) {
    return NativeCore.requiredBytes(config) + COPIES * parameterBytes(config.shape());
  }

  /** Memory outside the heap that a trial in plain ND4J operations takes, bytes, about. */
  public static long nd4jBytes(CoreConfig config) {
    RnnShape shape = config.shape();
    // Logits, their exponentials and their gradients; input, state, masks and errors of each step.
    long perToken = 3L * shape.vocabulary() + 4L * (shape.embedding() + shape.hidden());
    return (long) Float.BYTES * shape.tokens() * perToken + (OWN + COPIES) * parameterBytes(shape);
  }

  private static long parameterBytes(RnnShape shape) {
    long floats = 0;
    for (Parameter parameter : Parameter.values()) {
      floats += (long) parameter.rows(shape) * parameter.columns(shape);
    }
    return Float.BYTES * floats;
  }
}
