package org.tbptt.model.diagnostics;

import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.corpus.Window;

/**
 * Tokens to measure on, with masks that are the same for all epochs, so that only the weights
 * change.
 *
 * @param draws for the whole window
 * @param drawn the same once they are drawn: each part is a slice of them
 * @param shape of the network, with the window's number of steps
 */
record HeldWindow(Window window, Draws draws, Draws drawn, RnnShape shape) {

  static HeldWindow of(Window window, Draws draws, RnnShape shape) {
    Draws drawn =
        draws instanceof Draws.None
            ? draws
            : Draws.part(draws, shape, 0, shape.steps(), draws.cutsLinks());
    return new HeldWindow(window, draws, drawn, shape);
  }

  /** The draws of some of its steps. */
  Draws drawsOf(int firstStep, int steps) {
    return drawn instanceof Draws.None ? drawn : Draws.part(drawn, shape, firstStep, steps, true);
  }

  /** The draws of the whole window, without cut links. */
  Draws uncutDraws() {
    return draws.cutsLinks() ? Draws.part(drawn, shape, 0, shape.steps(), false) : draws;
  }
}
