package org.tbptt.model.core;

import java.util.Comparator;
import java.util.Locale;

/**
 * One matrix of the network, in the form in which it is shown and kept. {@link RnnShape#parameters}
 * tells which a network has; they are ordered as they are there.
 *
 * @param kind what it is for
 * @param layer the recurrent layer that it belongs to, from 1; 0 for the embedding and the softmax
 */
public record Parameter(Kind kind, int layer) implements Comparable<Parameter> {

  /** What a matrix is for. */
  public enum Kind {
    EMBEDDING("Emb"),
    RECURRENT("W"),
    RECURRENT_BIAS("b"),
    SOFTMAX("Ws"),
    SOFTMAX_BIAS("bs");

    private final String symbol;

    Kind(String symbol) {
      this.symbol = symbol;
    }

    private boolean isRecurrent() {
      return this == RECURRENT || this == RECURRENT_BIAS;
    }
  }

  /** (V,E): a row per word. */
  public static final Parameter EMBEDDING = new Parameter(Kind.EMBEDDING, 0);

  /** W of the first layer. */
  public static final Parameter RECURRENT = recurrent(1);

  /** b of the first layer. */
  public static final Parameter RECURRENT_BIAS = recurrentBias(1);

  /** (H,V). */
  public static final Parameter SOFTMAX = new Parameter(Kind.SOFTMAX, 0);

  /** (1,V). */
  public static final Parameter SOFTMAX_BIAS = new Parameter(Kind.SOFTMAX_BIAS, 0);

  private static final Comparator<Parameter> ORDER =
      Comparator.comparing(Parameter::place)
          .thenComparing(Parameter::layer)
          .thenComparing(Parameter::kind);

  public Parameter {
    if (kind.isRecurrent() ? layer < 1 : layer != 0) {
      throw new IllegalArgumentException(kind + " of layer " + layer);
    }
  }

  /** W_l, (in+H, G H): the rows of the layer's input first, then those of the state. */
  public static Parameter recurrent(int layer) {
    return new Parameter(Kind.RECURRENT, layer);
  }

  /** b_l, (1, G H), for gru (1, 4 H); see {@link Cell}. */
  public static Parameter recurrentBias(int layer) {
    return new Parameter(Kind.RECURRENT_BIAS, layer);
  }

  /** The letters that stand for it in formulas and tables: W, and W2 for the second layer's. */
  public String symbol() {
    return layer < 2 ? kind.symbol : kind.symbol + layer;
  }

  /** Its name among the matrices of a {@link CoreState} and of files. */
  public String key() {
    return CoreState.ofLayer(kind.name().toLowerCase(Locale.ROOT), layer);
  }

  public int rows(RnnShape shape) {
    return switch (kind) {
      case EMBEDDING -> shape.vocabulary();
      case RECURRENT -> shape.inputWidth(layer) + shape.hidden();
      case SOFTMAX -> shape.hidden();
      case RECURRENT_BIAS, SOFTMAX_BIAS -> 1;
    };
  }

  public int columns(RnnShape shape) {
    return switch (kind) {
      case EMBEDDING -> shape.embedding();
      case RECURRENT -> shape.cell().gates() * shape.hidden();
      case RECURRENT_BIAS -> shape.cell().biases() * shape.hidden();
      case SOFTMAX, SOFTMAX_BIAS -> shape.vocabulary();
    };
  }

  /** From the input to the output. */
  private int place() {
    return switch (kind) {
      case EMBEDDING -> 0;
      case RECURRENT, RECURRENT_BIAS -> 1;
      case SOFTMAX, SOFTMAX_BIAS -> 2;
    };
  }

  @Override
  public int compareTo(Parameter other) {
    return ORDER.compare(this, other);
  }
}
