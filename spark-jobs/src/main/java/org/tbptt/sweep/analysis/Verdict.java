package org.tbptt.sweep.analysis;

/** What a paired comparison of two styles shows of the first one; lower losses are better. */
enum Verdict {
  BETTER("better"),
  WORSE("worse"),
  NO_DIFFERENCE_SHOWN("no difference shown"),
  CANNOT_TELL("cannot tell");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
