package org.tbptt.model.truncation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * Every k1 steps a backward pass injects the newest k1 errors and goes k2 steps back from the last
 * of them: to max(-P, end-k2+1), P = k2-k1 with history and 0 without. BPTT(k2; k1) of Williams and
 * Peng 1990; Sutskever 2013, section 2.8.6. With k1 = 1 it is {@code true}.
 *
 * @param k1 at least 1, divides seqLen
 * @param k2 at least k1; without history at most seqLen
 * @param seqLen T, at least 1
 * @param history whether errors go back past the start of the window
 */
public record IntervalStyle(int k1, int k2, int seqLen, boolean history) implements Truncation {

  public IntervalStyle {
    Checks.atLeastOne("k1", k1);
    Checks.atLeastOne("k2", k2);
    Checks.atLeastOne("seq-len", seqLen);
    if (k1 > k2) {
      throw new InvalidSettingException(
          "k1",
          k1,
          "must be at most k2 = %d; a backward pass goes at least over the errors that it injects"
              .formatted(k2));
    }
    if (seqLen % k1 != 0) {
      throw new InvalidSettingException(
          "k1",
          k1,
          "must divide seq-len = %d; a window is cut into pieces of k1 steps".formatted(seqLen));
    }
    Checks.withinWindow("k2", k2, seqLen, history);
  }

  @Override
  public String style() {
    return "interval";
  }

  @Override
  public int bpttSteps() {
    return k2;
  }

  @Override
  public int injectEvery() {
    return k1;
  }

  @Override
  public Map<String, Integer> reach() {
    Map<String, Integer> reach = new LinkedHashMap<>();
    reach.put("k1", k1);
    reach.put("k2", k2);
    return reach;
  }

  @Override
  public int historySteps() {
    return history ? k2 - k1 : 0;
  }
}
