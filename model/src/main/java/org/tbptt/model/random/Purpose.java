package org.tbptt.model.random;

/** What a random number is for; numbers for different purposes are independent. */
public enum Purpose {
  INPUT_MASK(1),
  OUTPUT_MASK(2),
  LINK(3),
  EMBEDDING_INIT(16),
  RECURRENT_INIT(17),
  SOFTMAX_INIT(18),
  ORTHOGONAL_INIT(19),
  TOY_CORPUS(32),
  SENTENCE_ORDER(33),
  SAMPLING(34),
  SEARCH(48),
  SOBOL_SHIFT(49),
  TPE(50);

  private static final int LAYERS = 1 << 16;

  private final int code;

  Purpose(int code) {
    this.code = code;
  }

  /** The counter word, of a layer from 1; fixed for ever, because results depend on it. */
  int code(int layer) {
    return code + LAYERS * (layer - 1);
  }
}
