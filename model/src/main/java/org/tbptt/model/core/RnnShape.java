package org.tbptt.model.core;

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

  /** The same network and batch with another number of steps. */
  public RnnShape ofSteps(int other) {
    return new RnnShape(vocabulary, embedding, hidden, batch, other);
  }

  /** T*B: the losses in a window. */
  public int tokens() {
    return steps * batch;
  }
}
