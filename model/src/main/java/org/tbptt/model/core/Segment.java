package org.tbptt.model.core;

import java.util.List;
import java.util.stream.IntStream;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.Truncation;

/**
 * The part of a window between two optimiser steps, and where its errors go, in the terms of {@link
 * Truncation} with 0 for the part's first step: pass j = 0 .. steps/k1 - 1 injects the errors of
 * the steps j k1 .. j k1 + k1 - 1 and goes from the last of them, end, back to max(-P, end - n +
 * 1). Earlier steps of the window are history for the part.
 *
 * @param first its first step in the window
 * @param steps u
 * @param injectEvery k1, divides steps
 * @param reach n, at least k1
 * @param historySteps P
 * @param isLast whether the window ends with it
 */
public record Segment(
    int first, int steps, int injectEvery, int reach, int historySteps, boolean isLast) {

  /** A window as a whole. */
  public static Segment over(Truncation truncation, int bpttSteps, int windowSteps) {
    return part(truncation, bpttSteps, windowSteps, 0, windowSteps);
  }

  /**
   * The parts of a window, in order.
   *
   * @param bpttSteps n in use
   * @param windowSteps T
   * @param updateEvery u, or 0 for T
   */
  public static List<Segment> partsOf(
      Truncation truncation, int bpttSteps, int windowSteps, int updateEvery) {
    int steps = updateEvery == 0 ? windowSteps : updateEvery;
    return IntStream.range(0, windowSteps / steps)
        .mapToObj(part -> part(truncation, bpttSteps, windowSteps, part * steps, steps))
        .toList();
  }

  /**
   * A whole window in which every error goes back over this many lags, as far as the style's
   * history.
   *
   * @throws IllegalArgumentException if lags is less than 1, or links are cut
   */
  public static Segment byLag(Truncation truncation, Draws draws, int windowSteps, int lags) {
    if (lags < 1) {
      throw new InvalidSettingException("lags", lags, "must be at least 1");
    }
    if (draws.cutsLinks()) {
      throw new IllegalArgumentException("lags are measured without cut links");
    }
    return new Segment(0, windowSteps, 1, lags, truncation.historySteps(), true);
  }

  /** The steps that errors go back through, those of all passes together. */
  public long stepsBack() {
    long sum = 0;
    for (int end = injectEvery - 1; end < steps; end += injectEvery) {
      sum += Math.min(reach, historySteps + end + 1);
    }
    return sum;
  }

  /** The most steps of history that any part of a window of this configuration reaches. */
  public static int historyCapacity(CoreConfig config) {
    Truncation truncation = config.truncation();
    return partsOf(
            truncation, truncation.longestBpttSteps(), config.steps(), config.update().every())
        .stream()
        .mapToInt(Segment::historySteps)
        .max()
        .orElseThrow();
  }

  /** Errors go no further than they would if the window were one part. */
  private static Segment part(
      Truncation truncation, int bpttSteps, int windowSteps, int first, int steps) {
    boolean isLast = first + steps == windowSteps;
    int before = truncation.historySteps();
    boolean toTheStart = before == 0 && bpttSteps >= windowSteps;
    if (toTheStart || truncation.injectEvery() == windowSteps) {
      // One pass, in which all errors go back to the same step: the start of the window or of its
      // history.
      int reached = first + before;
      return new Segment(first, steps, steps, steps + reached, reached, isLast);
    }
    int injectEvery = truncation.injectEvery();
    int reached = before == 0 ? Math.min(first, bpttSteps - injectEvery) : before;
    return new Segment(first, steps, injectEvery, bpttSteps, reached, isLast);
  }
}
