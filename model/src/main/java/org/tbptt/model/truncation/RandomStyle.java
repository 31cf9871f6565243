package org.tbptt.model.truncation;

import java.util.Map;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * The full backward pass over a window whose links are cut at random: what flows from h_s to
 * h_{s-1} is multiplied by 1/pi with probability pi, otherwise by 0, so that the expected gradient
 * is the full one. Tallec and Ollivier 2017 (ARTBP); "randomized truncation" of Dive into Deep
 * Learning.
 *
 * @param pi the probability that an error crosses a link, in (0, 1]
 * @param seqLen T, at least 1
 */
public record RandomStyle(double pi, int seqLen) implements Truncation {

  public RandomStyle {
    if (!(pi > 0 && pi <= 1)) {
      throw new InvalidSettingException("pi", pi, "must be more than 0 and at most 1");
    }
    Checks.atLeastOne("seq-len", seqLen);
  }

  @Override
  public String style() {
    return "random";
  }

  @Override
  public int bpttSteps() {
    return seqLen;
  }

  @Override
  public int injectEvery() {
    return seqLen;
  }

  @Override
  public double linkKeep() {
    return pi;
  }

  @Override
  public Map<String, Double> parameters() {
    return Map.of("pi", pi);
  }
}
