package org.tbptt.model.core;

import org.tbptt.model.corpus.Window;

/**
 * The sizes of a training step.
 *
 * @param vocabulary V, words that can be predicted
 * @param embedding E, width of the embedding
 * @param hidden H, width of the state
 * @param batch B, parallel columns
 * @param steps T, steps in a window
 */
public record RnnShape(int vocabulary, int embedding, int hidden, int batch, int steps) {

  public RnnShape {
    if (vocabulary < 1 || embedding < 1 || hidden < 1 || batch < 1 || steps < 1) {
      throw new IllegalArgumentException(
          "V = %d, E = %d, H = %d, B = %d, T = %d: each must be at least 1"
              .formatted(vocabulary, embedding, hidden, batch, steps));
    }
  }

  /**
   * For engines that are given a window.
   *
   * @throws IllegalArgumentException if it is of another size
   */
  void check(Window window) {
    if (window.steps() != steps || window.columns() != batch) {
      throw new IllegalArgumentException(
          "a window of T = %d, B = %d was given to a core of T = %d, B = %d"
              .formatted(window.steps(), window.columns(), steps, batch));
    }
  }

  /** T*B: the losses in a window. */
  public int tokens() {
    return steps * batch;
  }
}
