package org.tbptt.model.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.truncation.Truncation;

/** One way to compute the steps of a trial: its name, what it supports, and how to open it. */
public interface Engine {

  /** Its name in conf files and tables. */
  String name();

  /** Why it cannot be used on this machine, in one line; empty if it can. */
  Optional<String> unavailable();

  /**
   * Checks the environment variable TBPTT_ISA.
   *
   * @throws UnsupportedOperationException if TBPTT_ISA names an instruction set that this processor
   *     has not
   */
  default void requireInstructionSet() {}

  /** The precisions that it supports. */
  Set<Precision> precisions();

  /**
   * Checks that it can train these settings.
   *
   * @param measuredWindows how many windows the trial's gradients are measured on
   * @throws IllegalArgumentException with one line that names the setting and what is allowed
   */
  void check(
      Truncation truncation,
      RnnModel model,
      UpdateRule update,
      Normalisation normalisation,
      int measuredWindows);

  /**
   * Memory outside the heap that a trial takes, bytes: the engine's own, and copies of parameters
   * and optimiser state for a checkpoint.
   */
  long offHeapBytes(CoreConfig config);

  /**
   * Opens it with copies of these parameters, fp32.
   *
   * @param threads that compute a step together, for engines with their own threads; ND4J's
   *     operations use OMP_NUM_THREADS threads. Results do not depend on it
   * @throws UnsupportedOperationException if it is {@link #unavailable}
   */
  RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters, int threads);

  /** Opens it with parameters drawn from the seed, the same ones for every engine. */
  default RnnCore open(CoreConfig config, long seed, int threads) {
    Map<Parameter, INDArray> drawn =
        Parameters.initial(config.model(), config.shape(), seed, DataType.FLOAT);
    try {
      return open(config, drawn, threads);
    } finally {
      drawn.values().forEach(INDArray::close); // the memory of a trial has no room for them
    }
  }
}
