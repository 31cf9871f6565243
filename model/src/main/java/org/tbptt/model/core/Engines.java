package org.tbptt.model.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Opens the engines, in single precision, with parameters drawn from the seed or given. */
public final class Engines {

  // The parameters, their gradient, two moments and a temporary in an engine of ND4J operations.
  private static final int OWN = 5;
  // The parameters at an epoch's start; the parameters and two moments of a checkpoint.
  private static final int COPIES = 4;

  /** Begun by whoever asks first, in a thread that nobody else knows of. */
  private static final class Loading {

    static final CompletableFuture<Void> BEGUN =
        CompletableFuture.runAsync(
            Loading::loadAll, loading -> new Thread(loading, "load-engines").start());

    private static void loadAll() {
      NativeLibrary.problem();
      Nd4j.getBackend();
    }
  }

  private Engines() {}

  /**
   * Loads what the engines need, once in a process. Loaders give up when their thread is
   * interrupted, and a class that could not be made ready stays so for the life of the process:
   * this waits for a thread of its own instead. The caller's interrupt stays set.
   *
   * @throws LinkageError if ND4J cannot be loaded, whenever it is called
   */
  public static void load() {
    try {
      Loading.BEGUN.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Error error) {
        throw error;
      }
      throw failed;
    }
  }

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
    return nativeCore(config, initial(config, seed), threads);
  }

  /** The same with these parameters, which are copied. */
  public static RnnCore nativeCore(
      CoreConfig config, Map<Parameter, INDArray> parameters, int threads) {
    return new NativeCore(config, threads, parameters);
  }

  /** The reference engine. */
  public static RnnCore nd4j(CoreConfig config, long seed) {
    return new Nd4jCore(config, initial(config, seed), DataType.FLOAT);
  }

  /** The same with these parameters, which are copied. */
  public static RnnCore nd4j(CoreConfig config, Map<Parameter, INDArray> parameters) {
    Map<Parameter, INDArray> copies = new EnumMap<>(Parameter.class);
    parameters.forEach(
        (parameter, matrix) ->
            copies.put(parameter, Nd4j.create(DataType.FLOAT, matrix.shape(), 'c').assign(matrix)));
    return new Nd4jCore(config, copies, DataType.FLOAT);
  }

  private static Map<Parameter, INDArray> initial(CoreConfig config, long seed) {
    return Parameters.initial(config.shape(), config.model().init(), seed, DataType.FLOAT);
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
