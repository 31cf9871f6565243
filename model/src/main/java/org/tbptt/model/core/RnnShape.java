package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The sizes of a training step, and what follows from them: which matrices the network has, and
 * which its state.
 *
 * @param vocabulary V, words that can be predicted
 * @param embedding E, width of the embedding
 * @param cell of every recurrent layer
 * @param layers L, recurrent layers
 * @param hidden H, width of the state
 * @param batch B, parallel columns
 * @param steps T, steps in a window
 */
public record RnnShape(
    int vocabulary, int embedding, Cell cell, int layers, int hidden, int batch, int steps) {

  public RnnShape {
    requireNonNull(cell, "cell");
    if (vocabulary < 1 || embedding < 1 || layers < 1 || hidden < 1 || batch < 1 || steps < 1) {
      throw new IllegalArgumentException(
          "V = %d, E = %d, L = %d, H = %d, B = %d, T = %d: each must be at least 1"
              .formatted(vocabulary, embedding, layers, hidden, batch, steps));
    }
  }

  /** One layer without gates. */
  public RnnShape(int vocabulary, int embedding, int hidden, int batch, int steps) {
    this(vocabulary, embedding, Cell.TANH, 1, hidden, batch, steps);
  }

  /** The same network and batch with another number of steps. */
  public RnnShape ofSteps(int other) {
    return new RnnShape(vocabulary, embedding, cell, layers, hidden, batch, other);
  }

  /** T*B: the losses in a window. */
  public int tokens() {
    return steps * batch;
  }

  /** Width of what a layer reads, its input rows in W: E for layer 1, H for those above. */
  public int inputWidth(int layer) {
    return layer == 1 ? embedding : hidden;
  }

  /** Width of what a dropout mask is on: 0 is the embedding, l the output of layer l. */
  public int maskWidth(int layer) {
    return layer == 0 ? embedding : hidden;
  }

  /** The network's matrices, in the order in which they are shown and kept. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(Parameter.EMBEDDING);
    for (int layer = 1; layer <= layers; layer++) {
      parameters.add(Parameter.recurrent(layer));
      parameters.add(Parameter.recurrentBias(layer));
    }
    parameters.add(Parameter.SOFTMAX);
    parameters.add(Parameter.SOFTMAX_BIAS);
    return parameters;
  }

  /** The names of the recurrent state's matrices, (B,H) each, from the first layer up. */
  public List<String> states() {
    return IntStream.rangeClosed(1, layers)
        .boxed()
        .flatMap(
            layer ->
                cell.hasCellState()
                    ? Stream.of(CoreState.hidden(layer), CoreState.cell(layer))
                    : Stream.of(CoreState.hidden(layer)))
        .toList();
  }
}
