package org.tbptt.sweep.grid;

import org.tbptt.model.train.TrialSpec;

/**
 * A point of the grid that is not trained, because another one is the same computation.
 *
 * @param dropped the point
 * @param kept the trial that has its results
 * @param words both points and the reason, in one line for the user
 */
public record Merged(TrialSpec dropped, TrialSpec kept, String words) {

  static Merged of(Point dropped, Point kept) {
    boolean otherPair = !dropped.pair().equals(kept.pair());
    return new Merged(
        dropped.spec(),
        kept.spec(),
        dropped.label()
            + " is "
            + kept.label()
            + ": "
            + Reasons.of(dropped.spec(), kept.spec(), otherPair));
  }
}
