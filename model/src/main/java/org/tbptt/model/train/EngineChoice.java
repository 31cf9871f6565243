package org.tbptt.model.train;

import java.util.Optional;
import org.tbptt.model.core.NativeLibrary;

/** Which engine computes a trial's steps. */
public enum EngineChoice {
  /** The native core where it is there, else plain ND4J operations. */
  AUTO,
  /** The native core; never anything else in its place. */
  NATIVE,
  /** The reference: plain ND4J operations. */
  ND4J;

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
    if (this != ND4J && problem.isEmpty()) {
      NativeLibrary.instructionSet(); // refuses an impossible TBPTT_ISA
    }
  }
}
