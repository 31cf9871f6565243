package org.tbptt.model.truncation;

/**
 * One backward pass over the whole window: every error goes back to the window's start, or with
 * history to the start of the window before it, which is {@code interval} with k1 = T and k2 = 2T.
 *
 * @param seqLen T, at least 1
 * @param history whether errors go back over the window before
 */
public record FullStyle(int seqLen, boolean history) implements Truncation {

  public FullStyle {
    Checks.atLeastOne("seq-len", seqLen);
  }

  /** Without history. */
  public FullStyle(int seqLen) {
    this(seqLen, false);
  }

  @Override
  public String style() {
    return "full";
  }

  @Override
  public int bpttSteps() {
    return history ? 2 * seqLen : seqLen;
  }

  @Override
  public int injectEvery() {
    return seqLen;
  }

  @Override
  public int historySteps() {
    return history ? seqLen : 0;
  }
}
