package org.tbptt.model.truncation;

/**
 * Every error goes back n steps, its own included: for each t inject e_t, go to max(-P, t-n+1). The
 * "true" truncated backpropagation of r2rt's "Styles of Truncated Backpropagation".
 *
 * <p>Without history P = 0, so that errors early in the window stop at its start. With history P =
 * n-1, and every error goes exactly n steps: BPTT(n; 1) of Williams and Peng 1990.
 *
 * @param bpttSteps n, at least 1; without history at most seqLen
 * @param seqLen T, at least 1
 * @param history whether errors go back past the start of the window
 */
public record TrueStyle(int bpttSteps, int seqLen, boolean history) implements Truncation {

  public TrueStyle {
    Checks.atLeastOne("bptt-steps", bpttSteps);
    Checks.atLeastOne("seq-len", seqLen);
    Checks.withinWindow("bptt-steps", bpttSteps, seqLen, history);
  }

  /** Without history. */
  public TrueStyle(int bpttSteps, int seqLen) {
    this(bpttSteps, seqLen, false);
  }

  @Override
  public String style() {
    return "true";
  }

  @Override
  public int historySteps() {
    return history ? bpttSteps - 1 : 0;
  }
}
