package org.tbptt.sweep.config;

import java.util.Locale;

/** Counts in messages. */
public final class Count {

  private Count() {}

  /** "1 trial", "2 trials", "20,000 trials". */
  public static String of(long count, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
  }
}
