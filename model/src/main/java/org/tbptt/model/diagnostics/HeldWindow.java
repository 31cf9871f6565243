package org.tbptt.model.diagnostics;

import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.corpus.Window;

/**
 * Tokens to measure on, with masks that are the same for all epochs, so that only the weights
 * change.
 *
 * @param draws for the whole window
 * @param shape of the network, with the window's number of steps
 */
record HeldWindow(Window window, Draws draws, RnnShape shape) {

  /** The draws of some of its steps. */
  Draws drawsOf(int firstStep, int steps) {
    return draws instanceof Draws.None ? draws : Draws.part(draws, shape, firstStep, steps, true);
  }

  /** The draws of the whole window, without cut links. */
  Draws uncutDraws() {
    return draws.cutsLinks() ? Draws.part(draws, shape, 0, shape.steps(), false) : draws;
  }
}
