package org.tbptt.model.truncation;

/**
 * How far back in time the error of each step is propagated. A window is T = {@link #seqLen} steps;
 * an error at step t reaches lags 0..n-1, its own step included, with n = {@link #bpttSteps}.
 *
 * <p>Every style is described by the same two numbers, so that the engines know only them: T steps
 * per window, and n lags for each error, never past the start of the window. With n = T that is one
 * plain backward sweep over the window.
 */
public sealed interface Truncation extends java.io.Serializable
    permits TensorFlowStyle, TrueStyle, FullStyle {

  /** The word for this style in conf files and tables. */
  String style();

  /** n: how many steps an error reaches, its own included; 1 to {@link #seqLen}. */
  int bpttSteps();

  /** T: the steps fed between two optimiser updates. */
  int seqLen();

  /** Whether every error reaches the start of the window, so that one backward sweep is enough. */
  default boolean reachesWindowStart() {
    return bpttSteps() == seqLen();
  }
}
