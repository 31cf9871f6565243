package org.tbptt.model.train;

/** Which engine computes a trial's steps. */
public enum EngineChoice {
  /** The fastest that this machine has. */
  AUTO,
  /** The reference: plain ND4J operations. */
  ND4J
}
