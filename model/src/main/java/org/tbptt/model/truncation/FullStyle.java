package org.tbptt.model.truncation;

/**
 * One backward sweep over the whole window: every error goes back to the window's start.
 *
 * @param seqLen T, at least 1
 */
public record FullStyle(int seqLen) implements Truncation {

  public FullStyle {
    Checks.atLeastOne("seq-len", seqLen);
  }

  @Override
  public String style() {
    return "full";
  }

  @Override
  public int bpttSteps() {
    return seqLen;
  }
}
