package org.tbptt.model.diagnostics;

import java.util.Arrays;
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
    return draws instanceof Draws.None
        ? draws
        : new Draws.Given(
            slice(draws.inputMask(shape), firstStep, steps, shape.embedding()),
            slice(draws.outputMask(shape), firstStep, steps, shape.hidden()),
            draws.cutsLinks() ? links(firstStep, steps) : null);
  }

  /** The draws of the whole window, without cut links. */
  Draws uncutDraws() {
    return draws.cutsLinks()
        ? new Draws.Given(draws.inputMask(shape), draws.outputMask(shape), null)
        : draws;
  }

  private double[] links(int firstStep, int steps) {
    int batch = shape.batch();
    return Arrays.copyOfRange(draws.links(shape), firstStep * batch, (firstStep + steps) * batch);
  }

  private float[] slice(float[] mask, int firstStep, int steps, int width) {
    int row = shape.batch() * width;
    return Arrays.copyOfRange(mask, firstStep * row, (firstStep + steps) * row);
  }
}
