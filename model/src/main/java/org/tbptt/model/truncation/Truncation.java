package org.tbptt.model.truncation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How far back in time the error of each step is propagated. A window is T = {@link #seqLen} steps,
 * numbered from 0; history steps are negative.
 *
 * <p>Every style is described by the same five numbers, and the engines know only them. Backward
 * pass j = 0 .. T/k1 - 1 injects the errors of the steps j k1 .. j k1 + k1 - 1 and goes from the
 * last of them, end, back to max(-P, end - n + 1). On the way from h_s to h_{s-1} an error is
 * multiplied by xi[s,b], which is 1/pi with probability pi and otherwise 0.
 *
 * <ul>
 *   <li>T, {@link #seqLen}
 *   <li>k1, {@link #injectEvery}
 *   <li>n (Williams and Peng's k2), {@link #bpttSteps}
 *   <li>P, {@link #historySteps}
 *   <li>pi, {@link #linkKeep}
 * </ul>
 */
public sealed interface Truncation extends java.io.Serializable
    permits TensorFlowStyle,
        TrueStyle,
        FullStyle,
        IntervalStyle,
        RandomStyle,
        SentenceStyle,
        AdaptiveStyle {

  /** The name of this style in conf files and tables. */
  String style();

  /** T: the steps of a window; 0 where each window is as long as its sentences. */
  int seqLen();

  /** n: the most steps that an error reaches, its own included. */
  int bpttSteps();

  /** k1: how many neighbouring errors are injected in one backward pass; divides T. */
  default int injectEvery() {
    return 1;
  }

  /** P: how many steps before the window are kept, so that errors reach them. */
  default int historySteps() {
    return 0;
  }

  /** Whether errors may go back past the start of the window. */
  default boolean history() {
    return false;
  }

  /** pi: the probability that an error crosses the link between two neighbouring steps. */
  default double linkKeep() {
    return 1;
  }

  /** Whether a window starts from the final state of the one before it; otherwise from zero. */
  default boolean carriesState() {
    return true;
  }

  /**
   * Whether every error reaches the start of the window and nothing before it, so that one backward
   * pass is enough.
   */
  default boolean reachesWindowStart() {
    return historySteps() == 0 && carriesState() && bpttSteps() >= seqLen();
  }

  /**
   * The relative bias of the gradient that bounds the choice of n for each epoch, more than 0;
   * empty if n is fixed.
   */
  default OptionalDouble allowedBias() {
    return OptionalDouble.empty();
  }

  /** The largest n that a trial may use. */
  default int longestBpttSteps() {
    return bpttSteps();
  }

  /** The style with this n; this style itself if n is fixed. */
  default Truncation inUse(int bpttSteps) {
    return this;
  }

  /** The settings that say how many steps errors go, by their keys in a conf file. */
  default Map<String, Integer> reach() {
    return Map.of("bptt-steps", bpttSteps());
  }

  /** The settings that only this style has, but for {@link #reach}, by their keys. */
  default Map<String, Double> parameters() {
    return Map.of();
  }

  /** In words, as in {@code true bptt-steps=5 seq-len=20 history}. */
  default String label() {
    Map<String, Object> settings = new LinkedHashMap<>(reach());
    if (carriesState()) {
      settings.put("seq-len", seqLen());
    }
    settings.putAll(parameters());
    StringBuilder words = new StringBuilder(style());
    settings.forEach((key, value) -> words.append(' ').append(key).append('=').append(value));
    return words.append(history() ? " history" : "").toString();
  }
}
