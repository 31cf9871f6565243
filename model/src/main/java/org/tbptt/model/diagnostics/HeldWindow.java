package org.tbptt.model.diagnostics;

import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.corpus.Window;

/**
 * Tokens to measure on, with masks that are drawn once for all epochs, so that the same errors are
 * measured under changing weights.
 *
 * @param draws for the whole window
 * @param shape of the network, with the window's number of steps
 */
record HeldWindow(Window window, Draws draws, RnnShape shape) {

  /** The draws of some of its steps. */
  Draws drawsOf(int firstStep, int steps) {
    return draws instanceof Draws.None ? draws : Draws.part(draws, shape, firstStep, steps, true);
  }

  /** The draws of the whole window, but no link is cut. */
  Draws uncutDraws() {
    return draws.cutsLinks() ? Draws.part(draws, shape, 0, shape.steps(), false) : draws;
  }
}
