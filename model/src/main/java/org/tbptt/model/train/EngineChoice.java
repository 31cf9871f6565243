package org.tbptt.model.train;

/** Which engine computes a trial's steps. */
public enum EngineChoice {
  /** The native core where it is there, else plain ND4J operations. */
  AUTO,
  /** The native core; never anything else in its place. */
  NATIVE,
  /** The reference: plain ND4J operations. */
  ND4J
}
