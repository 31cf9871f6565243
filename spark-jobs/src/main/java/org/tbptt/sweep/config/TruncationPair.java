package org.tbptt.sweep.config;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * One value of the grid's truncation axis, from which each style takes what it needs.
 *
 * @param bpttSteps n, at least 1
 * @param seqLen T, at least 1
 */
record TruncationPair(int bpttSteps, int seqLen) {

  TruncationPair {
    atLeastOne("bptt-steps", bpttSteps);
    atLeastOne("seq-len", seqLen);
  }

  private static void atLeastOne(String setting, int value) {
    if (value < 1) {
      throw new InvalidSettingException(setting, value, "must be at least 1");
    }
  }
}
