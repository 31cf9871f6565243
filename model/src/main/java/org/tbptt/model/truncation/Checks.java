package org.tbptt.model.truncation;

/** What the styles' constructors have in common. */
final class Checks {

  private Checks() {}

  static void atLeastOne(String setting, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(setting + " = " + value + ": must be at least 1");
    }
  }
}
