package org.tbptt.model.core;

import java.util.Locale;
import java.util.Optional;
import org.tbptt.model.random.Purpose;

/** The matrices of the network, in the form in which they are read and stored. */
public enum Parameter {
  /** (V,E): a row per word. */
  EMBEDDING("Emb", Purpose.EMBEDDING_INIT),
  /** (E+H,H): the rows of the input first, then those of the state. */
  RECURRENT("W", Purpose.RECURRENT_INIT),
  /** (1,H). */
  RECURRENT_BIAS("b", null),
  /** (H,V). */
  SOFTMAX("Ws", Purpose.SOFTMAX_INIT),
  /** (1,V). */
  SOFTMAX_BIAS("bs", null);

  private final String symbol;
  private final Purpose init;

  Parameter(String symbol, Purpose init) {
    this.symbol = symbol;
    this.init = init;
  }

  /** Its symbol in formulas and files. */
  public String symbol() {
    return symbol;
  }

  /** Its name among the matrices of a {@link CoreState} and of files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The random numbers of its initial values; none for a bias, which starts at zero. */
  Optional<Purpose> init() {
    return Optional.ofNullable(init);
  }

  public int rows(RnnShape shape) {
    return switch (this) {
      case EMBEDDING -> shape.vocabulary();
      case RECURRENT -> shape.embedding() + shape.hidden();
      case SOFTMAX -> shape.hidden();
      case RECURRENT_BIAS, SOFTMAX_BIAS -> 1;
    };
  }

  public int columns(RnnShape shape) {
    return switch (this) {
      case EMBEDDING -> shape.embedding();
      case RECURRENT, RECURRENT_BIAS -> shape.hidden();
      case SOFTMAX, SOFTMAX_BIAS -> shape.vocabulary();
    };
  }
}
