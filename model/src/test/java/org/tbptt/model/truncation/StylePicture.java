package org.tbptt.model.truncation;

import java.util.Locale;
import java.util.Set;

/**
 * A drawing, as SVG, of which error reaches which step: a row for each error of one window of T
 * steps, a column for each step, those of the window before included. Self-contained, with colours
 * for light and for dark.
 *
 * @param style what is drawn
 * @param title above the drawing
 * @param note below it, about what is special
 * @param starts steps at which the state starts from zero, beside those that the style has
 * @param updateEvery u
 */
record StylePicture(
    Truncation style, String title, String note, Set<Integer> starts, int updateEvery) {

  /** Steps that are drawn: those of a window, and as many before it. */
  static final int STEPS = 6;

  private static final int CELL = 36;
  private static final int LEFT = 64;
  private static final int TOP = 92;
  private static final int WIDTH = LEFT + 2 * STEPS * CELL + 24;
  private static final int BOTTOM = TOP + STEPS * CELL;
  private static final int HEIGHT = BOTTOM + 74;

  private static final String HEAD =
      """
      <svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d">
      <title>%s</title>
      <style>
        text { font: 13px sans-serif; fill: #24292f; text-anchor: middle; }
        .left { text-anchor: start; }
        .title { font-weight: bold; }
        .page { fill: #ffffff; }
        .grid { fill: none; stroke: #d0d7de; }
        .even { fill: #0969da; } .odd { fill: #bc4c00; }
        .lag { fill: #ffffff; }
        .edge { stroke: #24292f; stroke-width: 2; }
        .update { fill: #24292f; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .page { fill: #0d1117; }
          .grid { stroke: #3d444d; }
          .even { fill: #4493f8; } .odd { fill: #f0883e; }
          .lag { fill: #0d1117; }
          .edge { stroke: #e6edf3; }
          .update { fill: #e6edf3; }
        }
      </style>
      <rect class="page" width="%d" height="%d"/>
      """;

  String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(HEAD.formatted(WIDTH, HEIGHT, WIDTH, HEIGHT, title, WIDTH, HEIGHT));
    text(svg, "left title", 16, 26, title);
    text(svg, "", x(-STEPS / 2.0), 54, "steps before");
    text(svg, "", x(STEPS / 2.0), 54, window() == STEPS ? "a window" : "windows");
    for (int step = -STEPS; step < STEPS; step++) {
      text(svg, "", x(step + 0.5), TOP - 10, String.valueOf(step).replace('-', '\u2212'));
    }
    for (int row = 0; row < STEPS; row++) {
      row(svg, row);
    }
    edges(svg);
    updates(svg);
    text(
        svg,
        "left",
        16,
        BOTTOM + 36,
        "Row: the error of a step. Number: its lag where it arrives. Triangle: an update.");
    text(svg, "left", 16, BOTTOM + 58, note);
    return svg.append("</svg>\n").toString();
  }

  private void row(StringBuilder svg, int row) {
    int top = TOP + row * CELL;
    text(svg, "left", 16, top + CELL * 0.64, "error " + row);
    for (int step = -STEPS; step < STEPS; step++) {
      rect(svg, "grid", x(step), top, CELL, 1);
    }
    for (int step = row; step >= firstStep(row); step--) {
      rect(
          svg,
          sweep(row) % 2 == 0 ? "even" : "odd",
          x(step) + 2,
          top + 2,
          CELL - 4,
          weight(row - step));
      text(
          svg,
          weight(row - step) > 0.5 ? "lag" : "",
          x(step + 0.5),
          top + CELL * 0.64,
          String.valueOf(row - step));
    }
  }

  /** The first step that the error of a step reaches: max(-P, end - n + 1), or where it starts. */
  private int firstStep(int step) {
    int windowStart = step / window() * window();
    int inWindow = step - windowStart;
    int end = (inWindow / style.injectEvery() + 1) * style.injectEvery() - 1;
    int first = windowStart + Math.max(-style.historySteps(), end - style.bpttSteps() + 1);
    int start = starts.stream().filter(each -> each <= step).max(Integer::compare).orElse(first);
    return Math.max(first, start);
  }

  private int sweep(int step) {
    return step / style.injectEvery();
  }

  /** What part of an error arrives on average: pi^lag. */
  private double weight(int lag) {
    return Math.pow(style.linkKeep(), lag);
  }

  /** T; sentences are drawn as pieces of one window. */
  private int window() {
    return style.carriesState() ? style.seqLen() : STEPS;
  }

  private void edges(StringBuilder svg) {
    for (int step = -STEPS; step <= STEPS; step++) {
      boolean windowEdge = style.carriesState() && Math.floorMod(step, window()) == 0;
      if (windowEdge || starts.contains(step)) {
        String dashes = windowEdge ? "" : " stroke-dasharray=\"4 3\"";
        svg.append(
            format(
                "<line class=\"edge\" x1=\"%.0f\" y1=\"%d\" x2=\"%.0f\" y2=\"%d\"%s/>\\n",
                x(step), TOP - 4, x(step), BOTTOM + 4, dashes));
      }
    }
  }

  /** A mark under each step after which the optimiser steps. */
  private void updates(StringBuilder svg) {
    int every = updateEvery == 0 ? window() : updateEvery;
    for (int step = every; step <= STEPS; step += every) {
      double x = x(step);
      svg.append(format("<path class=\"update\" d=\"M%.0f %d l-6 10 h12 z\"/>\\n", x, BOTTOM + 6));
    }
  }

  private static double x(double step) {
    return LEFT + (step + STEPS) * CELL;
  }

  private static void text(StringBuilder svg, String kind, double x, double y, String text) {
    svg.append(format("<text class=\"%s\" x=\"%.0f\" y=\"%.0f\">%s</text>\\n", kind, x, y, text));
  }

  private static void rect(
      StringBuilder svg, String kind, double x, int y, int size, double opacity) {
    String faint = opacity < 1 ? format(" opacity=\"%.3f\"", opacity) : "";
    svg.append(
        format(
            "<rect class=\"%s\" x=\"%.0f\" y=\"%d\" width=\"%d\" height=\"%d\"%s/>\\n",
            kind, x, y, size, size, faint));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
