package org.tbptt.bench;

import java.util.Optional;

/**
 * Something that the core should reach.
 *
 * @param what is measured
 * @param required the limit
 * @param atMost whether the limit is an upper one
 * @param unit after the number
 * @param measured null where it could not be measured
 */
record Bar(String what, double required, boolean atMost, String unit, Double measured) {

  static Bar atLeast(String what, double required, String unit, Optional<Double> measured) {
    return new Bar(what, required, false, unit, measured.orElse(null));
  }

  static Bar atMost(String what, double required, String unit, Optional<Double> measured) {
    return new Bar(what, required, true, unit, measured.orElse(null));
  }

  boolean met() {
    return measured != null && (atMost ? measured <= required : measured >= required);
  }

  /** In a word or two. */
  String verdict() {
    if (measured == null) {
      return "not measured";
    }
    return met() ? "met" : "not met";
  }
}
