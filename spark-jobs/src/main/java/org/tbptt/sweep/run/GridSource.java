package org.tbptt.sweep.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.tbptt.sweep.results.TrialEnding;

/** The trials of a grid, in a fixed order. */
final class GridSource implements TrialSource {

  private final Deque<PlannedTrial> trials;

  GridSource(List<PlannedTrial> trials) {
    this.trials = new ArrayDeque<>(trials);
  }

  @Override
  public boolean hasNext() {
    return !trials.isEmpty();
  }

  @Override
  public PlannedTrial next() {
    return trials.remove();
  }

  @Override
  public boolean isFinished() {
    return trials.isEmpty();
  }

  @Override
  public void ended(TrialEnding ending) {} // none of them depends on another's result
}
