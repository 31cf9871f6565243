package org.tbptt.model.core;

import java.util.List;
import java.util.stream.IntStream;
import org.tbptt.model.truncation.Truncation;

/**
 * The part of a window between two optimiser steps, and where its errors go, in the terms of {@link
 * Truncation} with 0 for the part's first step: sweep j = 0 .. steps/k1 - 1 injects the errors of
 * the steps j k1 .. j k1 + k1 - 1 and goes from the last of them, end, back to max(-P, end - n +
 * 1). The steps of the window before the part are history to it.
 *
 * @param first its first step in the window
 * @param steps u
 * @param injectEvery k1, divides steps
 * @param reach n, at least k1
 * @param historySteps P
 * @param isLast whether the window ends with it
 */
record Pass(int first, int steps, int injectEvery, int reach, int historySteps, boolean isLast) {

  /** A window as a whole. */
  static Pass over(Truncation truncation, int bpttSteps, int windowSteps) {
    return part(truncation, bpttSteps, windowSteps, 0, windowSteps);
  }

  /**
   * The parts of a window, in order.
   *
   * @param bpttSteps n in use
   * @param windowSteps T
   * @param updateEvery u, or 0 for T
   */
  static List<Pass> partsOf(
      Truncation truncation, int bpttSteps, int windowSteps, int updateEvery) {
    int steps = updateEvery == 0 ? windowSteps : updateEvery;
    return IntStream.range(0, windowSteps / steps)
        .mapToObj(part -> part(truncation, bpttSteps, windowSteps, part * steps, steps))
        .toList();
  }

  /**
   * A window as a whole, every error for itself back over so many lags, as far as the style's
   * history.
   *
   * @throws IllegalArgumentException if lags is less than 1, or links are cut
   */
  static Pass byLag(Truncation truncation, Draws draws, int windowSteps, int lags) {
    if (lags < 1) {
      throw new IllegalArgumentException("lags = " + lags + ": must be at least 1");
    }
    if (draws.cutsLinks()) {
      throw new IllegalArgumentException("lags are measured without cut links");
    }
    return new Pass(0, windowSteps, 1, lags, truncation.historySteps(), true);
  }

  /** The most steps of history that any part of a window of this configuration reaches. */
  static int historyCapacity(CoreConfig config) {
    int mostSteps = config.isAdaptive() ? config.steps() : config.truncation().bpttSteps();
    return partsOf(config.truncation(), mostSteps, config.steps(), config.update().every()).stream()
        .mapToInt(Pass::historySteps)
        .max()
        .orElseThrow();
  }

  /** Errors go no further than they would if the window were one part. */
  private static Pass part(
      Truncation truncation, int bpttSteps, int windowSteps, int first, int steps) {
    boolean isLast = first + steps == windowSteps;
    int before = truncation.historySteps();
    boolean toTheStart = before == 0 && bpttSteps >= windowSteps;
    if (toTheStart || truncation.injectEvery() == windowSteps) {
      // One sweep, whose errors all go to the same step: the window's start, or that of its
      // history.
      int reached = first + before;
      return new Pass(first, steps, steps, steps + reached, reached, isLast);
    }
    int injectEvery = truncation.injectEvery();
    int reached = before == 0 ? Math.min(first, bpttSteps - injectEvery) : before;
    return new Pass(first, steps, injectEvery, bpttSteps, reached, isLast);
  }
}
