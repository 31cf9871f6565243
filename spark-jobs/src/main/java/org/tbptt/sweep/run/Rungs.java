package org.tbptt.sweep.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.StopCondition;
import org.tbptt.sweep.results.TrialRung;
import org.tbptt.sweep.stopping.Decision;
import org.tbptt.sweep.stopping.Ledger;
import org.tbptt.sweep.stopping.StoppingRule;

/** The verdicts of a sweep's stopping rule, by its trials. What it does not know has no effect. */
final class Rungs {

  private final Ledger ledger;
  private final List<String> ids = new ArrayList<>();
  private final Map<String, Integer> candidates = new HashMap<>();

  /**
   * @param trials the first candidates, in their order
   */
  Rungs(StoppingRule rule, List<PlannedTrial> trials) {
    this.ledger = new Ledger(rule);
    trials.forEach(this::enter);
  }

  /** Makes a trial the next candidate, if it is not one yet. */
  void enter(PlannedTrial trial) {
    if (!candidates.containsKey(trial.id())) {
      ids.add(trial.id());
      candidates.put(trial.id(), ledger.enter(trial.spec().training().epochs()));
    }
  }

  /** A trial has ended epochs. */
  void reached(String id, List<EpochMetrics> epochs) {
    find(id)
        .ifPresent(
            candidate ->
                epochs.forEach(each -> ledger.record(candidate, each.epoch(), each.validLoss())));
  }

  /**
   * The same by its losses.
   *
   * @param losses after each epoch from the first, nats per token
   */
  void reached(String id, double[] losses) {
    find(id)
        .ifPresent(
            candidate -> {
              for (int epoch = 1; epoch <= losses.length; epoch++) {
                ledger.record(candidate, epoch, losses[epoch - 1]);
              }
            });
  }

  /** A trial has ended by itself. */
  void ended(String id) {
    find(id).ifPresent(ledger::end);
  }

  /** Whether all is decided about the epochs that a trial has ended. */
  boolean isDecided(String id) {
    return ledger.isDecided(candidates.get(id));
  }

  /** The decision that stops a trial, if there is one yet. */
  Optional<Decision> stop(String id) {
    return find(id).flatMap(ledger::stop);
  }

  /** How far a trial may be trained by what is known now. */
  StopCondition limits(PlannedTrial trial) {
    return ledger.limits(candidates.get(trial.id()));
  }

  /** How many verdicts there are. */
  int size() {
    return ledger.size();
  }

  /** All verdicts, by candidate and rung. */
  List<TrialRung> rows() {
    return ledger.decisions().stream()
        .map(decision -> new TrialRung(ids.get(decision.candidate()), decision))
        .toList();
  }

  /** What differs from verdicts that have been stored. */
  Optional<SweepEvent.VerdictsDiffer> compare(List<TrialRung> stored) {
    Map<List<Object>, TrialRung> byPlace = new HashMap<>();
    rows().forEach(row -> byPlace.put(place(row), row));
    List<TrialRung> differing =
        stored.stream().filter(row -> !byPlace.getOrDefault(place(row), row).equals(row)).toList();
    return differing.stream()
        .findFirst()
        .map(
            before ->
                new SweepEvent.VerdictsDiffer(
                    differing.size(),
                    stored.size(),
                    "%s was %s, now %s"
                        .formatted(
                            before.trialId(),
                            words(before.decision()),
                            words(byPlace.get(place(before)).decision()))));
  }

  private static List<Object> place(TrialRung row) {
    return List.of(row.trialId(), row.decision().rung());
  }

  private static String words(Decision decision) {
    return "%s (%s)".formatted(decision.stopped() ? "stopped" : "to go on", decision.reason());
  }

  private Optional<Integer> find(String id) {
    return Optional.ofNullable(candidates.get(id));
  }
}
