package org.tbptt.sweep.grid;

import org.tbptt.model.train.TrialSpec;

/**
 * A point of the grid that is not trained, because another one is the same computation.
 *
 * @param dropped the point
 * @param kept the trial whose results stand for it
 * @param words both and the reason, as one line for the user
 */
public record Merged(TrialSpec dropped, TrialSpec kept, String words) {

  static Merged of(Point dropped, Point kept) {
    return new Merged(
        dropped.spec(),
        kept.spec(),
        dropped.label() + " is " + kept.label() + ": " + reason(dropped.spec(), kept.spec()));
  }

  private static String reason(TrialSpec dropped, TrialSpec kept) {
    if (!dropped.truncation().equals(kept.truncation())) {
      return "every error reaches the start of its window";
    }
    if (dropped.training().normalisation() != kept.training().normalisation()) {
      return "with bptt-steps = seq-len both normalisations divide by the same number";
    }
    if (dropped.model().carry() != kept.model().carry()) {
      return "without dropout there is only one state to carry";
    }
    return "the same settings twice";
  }
}
