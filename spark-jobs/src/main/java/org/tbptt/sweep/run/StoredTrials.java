package org.tbptt.sweep.run;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.stopping.StoppingRule;

/** What the tables have of a sweep's trials, as it was when this was made. */
final class StoredTrials {

  private static final double[] NO_LOSSES = {};

  private final Map<String, TrialEnding> endings;
  private final Map<String, double[]> losses;
  private final Set<TrialStatus> ended;

  /**
   * Reads the tables.
   *
   * @param ended the endings with which a trial counts as done, whatever the stopping rule
   */
  StoredTrials(ResultsStore results, String sweep, StoppingRule rule, Set<TrialStatus> ended) {
    this.endings = results.endings(sweep);
    this.losses = rule.isOn() ? results.validLosses(sweep) : Map.of();
    this.ended = ended;
  }

  /** How they ended that have ended, by their ids. */
  Map<String, TrialEnding> endings() {
    return endings;
  }

  /** Whether a trial has ended and is done, whatever the stopping rule. */
  boolean isDone(String id) {
    return endings.containsKey(id) && ended.contains(endings.get(id).status());
  }

  /**
   * Tells a rule of a trial, as the next candidate if it is not one yet.
   *
   * @return how it ended if it is done: by itself, or stopped as the rule stops it
   */
  Optional<TrialEnding> tell(PlannedTrial trial, Rungs rungs) {
    rungs.enter(trial);
    rungs.reached(trial.id(), losses.getOrDefault(trial.id(), NO_LOSSES));
    Optional<TrialEnding> ending = Optional.ofNullable(endings.get(trial.id()));
    if (isDone(trial.id())) {
      rungs.ended(trial.id());
      return ending;
    }
    return ending.filter(
        of -> of.status() == TrialStatus.STOPPED && rungs.stop(trial.id()).isPresent());
  }
}
