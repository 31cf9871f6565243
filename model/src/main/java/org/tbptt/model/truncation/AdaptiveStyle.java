package org.tbptt.model.truncation;

import java.util.Map;
import java.util.OptionalDouble;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * {@code true} with a new n for each epoch, from 1 to T: the smallest whose bound on the relative
 * bias of the gradient is below delta. Aicher, Foti and Fox 2019.
 *
 * @param delta the relative bias that is allowed, more than 0
 * @param bpttSteps n of the first epoch, from 1 to seqLen
 * @param seqLen T, at least 1
 */
public record AdaptiveStyle(double delta, int bpttSteps, int seqLen) implements Truncation {

  public AdaptiveStyle {
    if (!(delta > 0 && Double.isFinite(delta))) {
      throw new InvalidSettingException("delta", delta, "must be a finite number more than 0");
    }
    Checks.atLeastOne("bptt-steps", bpttSteps);
    Checks.atLeastOne("seq-len", seqLen);
    Checks.withinWindow("bptt-steps", bpttSteps, seqLen, false);
  }

  @Override
  public String style() {
    return "adaptive";
  }

  @Override
  public OptionalDouble allowedBias() {
    return OptionalDouble.of(delta);
  }

  @Override
  public int longestBpttSteps() {
    return seqLen;
  }

  @Override
  public Truncation inUse(int bpttSteps) {
    return new TrueStyle(bpttSteps, seqLen);
  }

  @Override
  public Map<String, Double> parameters() {
    return Map.of("delta", delta);
  }

  /** False for every n, because n changes. */
  @Override
  public boolean reachesWindowStart() {
    return false;
  }
}
