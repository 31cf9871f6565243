package org.tbptt.model.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.truncation.Truncation;

/** One way to compute the steps of a trial: what it is called, what it can do, and how it opens. */
public interface Engine {

  /** The word for it in conf files and tables. */
  String name();

  /** Why it cannot be used on this machine, in one line; empty if it can. */
  Optional<String> unavailable();

  /**
   * Checks what the environment asks of it.
   *
   * @throws UnsupportedOperationException if TBPTT_ISA names an instruction set that this processor
   *     has not
   */
  default void requireInstructionSet() {}

  /** The arithmetic that it has. */
  Set<Precision> precisions();

  /**
   * Refuses what it cannot train.
   *
   * @param measuredWindows how many windows the trial's gradients are measured on
   * @throws IllegalArgumentException with one line that names the setting and what is allowed
   */
  void check(Truncation truncation, RnnModel model, UpdateRule update, int measuredWindows);

  /**
   * Memory outside the heap that a trial takes, bytes: the engine's own, and copies of parameters
   * and optimiser state for a checkpoint.
   */
  long offHeapBytes(CoreConfig config);

  /**
   * Opens it with copies of these parameters, fp32.
   *
   * @param threads that compute a step together, where the engine has threads of its own; ND4J's
   *     operations have as many as the environment variable OMP_NUM_THREADS says. Numbers do not
   *     depend on it
   * @throws UnsupportedOperationException if it is {@link #unavailable}
   */
  RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters, int threads);

  /** Opens it with parameters drawn from the seed, the same ones for every engine. */
  default RnnCore open(CoreConfig config, long seed, int threads) {
    return open(
        config, Parameters.initial(config.model(), config.shape(), seed, DataType.FLOAT), threads);
  }
}
