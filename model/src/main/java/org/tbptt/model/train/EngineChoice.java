package org.tbptt.model.train;

import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engines;
import org.tbptt.model.core.NativeLibrary;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.dl4j.Dl4jEngine;

/** Which engine computes a trial's steps. */
public enum EngineChoice {
  /** The native core where it is there, else plain ND4J operations. */
  AUTO,
  /** The native core; never anything else in its place. */
  NATIVE,
  /** The reference: plain ND4J operations. */
  ND4J,
  /** DL4J's own training, for comparison. */
  DL4J;

  /**
   * Opens the engine with parameters drawn from the seed.
   *
   * @param threads that compute a step together in the native core; ND4J's operations have as many
   *     as the environment variable OMP_NUM_THREADS says. Numbers do not depend on it
   * @throws UnsupportedOperationException as {@link #require}
   */
  public RnnCore open(CoreConfig config, long seed, int threads) {
    Engines.load(); // a trial may be cancelled meanwhile, and others come after it
    return switch (this) {
      case NATIVE -> Engines.nativeCore(config, seed, threads);
      case ND4J -> Engines.nd4j(config, seed);
      case DL4J -> Dl4jEngine.open(config, seed);
      case AUTO ->
          NativeLibrary.problem().isEmpty()
              ? Engines.nativeCore(config, seed, threads)
              : Engines.nd4j(config, seed);
    };
  }

  /**
   * Opens the engine with copies of these parameters, to measure gradients with; DL4J tells none.
   *
   * @param threads as above
   * @throws UnsupportedOperationException as {@link #require}, or if the engine is DL4J
   */
  RnnCore openToMeasure(CoreConfig config, Map<Parameter, INDArray> parameters, int threads) {
    Engines.load();
    return switch (this) {
      case NATIVE -> Engines.nativeCore(config, parameters, threads);
      case ND4J -> Engines.nd4j(config, parameters);
      case DL4J -> throw new UnsupportedOperationException("DL4J does not tell gradients by lag");
      case AUTO ->
          NativeLibrary.problem().isEmpty()
              ? Engines.nativeCore(config, parameters, threads)
              : Engines.nd4j(config, parameters);
    };
  }

  /**
   * Memory outside the heap that a trial takes, bytes: the engine's own, and copies of parameters
   * and optimiser state for a checkpoint.
   */
  public long offHeapBytes(CoreConfig config) {
    boolean inNative = this == NATIVE || this == AUTO;
    return inNative && NativeLibrary.problem().isEmpty()
        ? Engines.nativeBytes(config)
        : Engines.nd4jBytes(config);
  }

  /**
   * Checks that this machine has what is asked for.
   *
   * @throws UnsupportedOperationException if the native core is asked for and not there, or
   *     TBPTT_ISA names an instruction set that this processor has not
   */
  public void require() {
    Optional<String> problem = NativeLibrary.problem();
    if (this == NATIVE && problem.isPresent()) {
      throw new UnsupportedOperationException("engine = native: " + problem.get());
    }
    if ((this == NATIVE || this == AUTO) && problem.isEmpty()) {
      NativeLibrary.instructionSet(); // refuses an impossible TBPTT_ISA
    }
  }
}
