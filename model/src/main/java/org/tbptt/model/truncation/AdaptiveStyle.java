package org.tbptt.model.truncation;

/**
 * {@code true} whose n is chosen anew for each epoch, from 1 to T: the smallest whose bound on the
 * relative bias of the gradient is below delta. Aicher, Foti and Fox 2019.
 *
 * @param delta the relative bias that is allowed, more than 0
 * @param bpttSteps n of the first epoch, from 1 to seqLen
 * @param seqLen T, at least 1
 */
public record AdaptiveStyle(double delta, int bpttSteps, int seqLen) implements Truncation {

  public AdaptiveStyle {
    if (!(delta > 0 && Double.isFinite(delta))) {
      throw new IllegalArgumentException(
          "delta = " + delta + ": must be a finite number more than 0");
    }
    Checks.atLeastOne("bptt-steps", bpttSteps);
    Checks.atLeastOne("seq-len", seqLen);
    Checks.withinWindow("bptt-steps", bpttSteps, seqLen, false);
  }

  @Override
  public String style() {
    return "adaptive";
  }

  /** False whatever n: it does not stay. */
  @Override
  public boolean reachesWindowStart() {
    return false;
  }
}
