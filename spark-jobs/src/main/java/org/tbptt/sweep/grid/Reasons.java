package org.tbptt.sweep.grid;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.Truncation;

/** Why two points of a grid are the same computation: one reason for each difference. */
final class Reasons {

  private final List<String> found = new ArrayList<>();

  private Reasons() {}

  /**
   * @param pairs whether the two take their numbers from different truncation pairs
   */
  static String of(TrialSpec dropped, TrialSpec kept, boolean pairs) {
    Reasons reasons = new Reasons();
    reasons.styles(dropped.truncation(), kept.truncation());
    reasons.trainings(dropped, kept);
    reasons.unless(
        dropped.model().carry() == kept.model().carry(),
        dropped.truncation().carriesState()
            ? "without dropout both states are the same"
            : "no state is carried from sentence to sentence");
    if (reasons.found.isEmpty()) {
      return pairs
          ? "the style does not use the numbers in which the pairs differ"
          : "the same settings twice";
    }
    return reasons.found.stream().collect(joining("; "));
  }

  private void styles(Truncation dropped, Truncation kept) {
    if (dropped.equals(kept)) {
      return;
    }
    if (dropped.reachesWindowStart()) {
      boolean random = dropped instanceof RandomStyle || kept instanceof RandomStyle;
      found.add(
          random ? "with pi = 1 no link is cut" : "every error reaches the start of its window");
    } else if (!dropped.style().equals(kept.style())) {
      found.add(
          dropped.injectEvery() == 1
              ? "with k1 = 1 each error goes back on its own"
              : "full with history goes back over two windows");
    }
    unless(
        dropped.history() == kept.history(), "no error goes back far enough for history to matter");
  }

  private void trainings(TrialSpec dropped, TrialSpec kept) {
    Training one = dropped.training();
    Training other = kept.training();
    unless(
        one.updateEvery() == other.updateEvery(),
        "with update-every = seq-len there is one update for each window");
    unless(
        one.normalisation() == other.normalisation(),
        "with bptt-steps = seq-len both normalisations divide by the same number");
    unless(one.optimizer() == other.optimizer(), "momentum = 0 is sgd");
    unless(
        one.momentum() == other.momentum() || one.optimizer() != other.optimizer(),
        "only the optimizer momentum uses momentum");
    unless(one.rmsDecay() == other.rmsDecay(), "only the optimizer rmsprop uses rms-decay");
    unless(
        dropped.model().initScale() == kept.model().initScale(),
        "only init = uniform uses init-scale");
    unless(one.schedule().equals(other.schedule()), "the rate stays the same with both schedules");
  }

  private void unless(boolean same, String reason) {
    if (!same) {
      found.add(reason);
    }
  }
}
