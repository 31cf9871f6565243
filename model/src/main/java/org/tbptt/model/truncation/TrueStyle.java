package org.tbptt.model.truncation;

/**
 * Every error in the window goes back n steps, its own included, or to the start of the window
 * where that is nearer: for each t inject e_t, go to max(0, t-n+1). The "true" truncated
 * backpropagation of r2rt's "Styles of Truncated Backpropagation".
 *
 * @param bpttSteps n, from 1 to seqLen
 * @param seqLen T, at least 1
 */
public record TrueStyle(int bpttSteps, int seqLen) implements Truncation {

  public TrueStyle {
    Checks.atLeastOne("bptt-steps", bpttSteps);
    Checks.atLeastOne("seq-len", seqLen);
    if (bpttSteps > seqLen) {
      throw new IllegalArgumentException(
          "bptt-steps = "
              + bpttSteps
              + " is more than seq-len = "
              + seqLen
              + ": an error cannot go back past the start of its window");
    }
  }

  @Override
  public String style() {
    return "true";
  }
}
