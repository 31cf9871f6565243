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
  SAMPLING(34);

  private final int code;

  Purpose(int code) {
    this.code = code;
  }

  /** The counter word. It must never change, because results depend on it. */
  int code() {
    return code;
  }
}
