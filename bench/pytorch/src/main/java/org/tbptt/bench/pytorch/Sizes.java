package org.tbptt.bench.pytorch;

import java.util.random.RandomGenerator;

/**
 * The sizes of the model.
 *
 * @param vocabulary V
 * @param embedding E
 * @param cell tanh, lstm or gru
 * @param layers L
 * @param hidden H
 * @param batch B
 * @param keep what dropout keeps
 */
record Sizes(
    int vocabulary, int embedding, String cell, int layers, int hidden, int batch, double keep) {

  /** Blocks of H columns in a layer's matrices. */
  int gates() {
    return switch (cell) {
      case "tanh" -> 1;
      case "gru" -> 3;
      case "lstm" -> 4;
      default -> throw new IllegalArgumentException("no cell " + cell);
    };
  }

  /** Tokens whose frequency falls with their rank as words' does (Zipf). */
  long[] tokens(RandomGenerator random, int count) {
    return random
        .doubles(count)
        .mapToLong(u -> (long) Math.pow(vocabulary + 1.0, u) - 1)
        .map(token -> Math.min(token, vocabulary - 1))
        .toArray();
  }
}
