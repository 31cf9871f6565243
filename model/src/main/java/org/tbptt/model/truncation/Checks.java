package org.tbptt.model.truncation;

import org.tbptt.model.setting.InvalidSettingException;

/** Checks that the styles' constructors share. */
final class Checks {

  private Checks() {}

  static void atLeastOne(String setting, int value) {
    if (value < 1) {
      throw new InvalidSettingException(setting, value, "must be at least 1");
    }
  }

  /** Without history an error cannot go back past the start of its window. */
  static void withinWindow(String setting, int steps, int seqLen, boolean history) {
    if (steps > seqLen && !history) {
      throw new InvalidSettingException(
          setting,
          steps,
          "must be at most seq-len = "
              + seqLen
              + "; an error cannot go back past the start of its window without history");
    }
  }
}
