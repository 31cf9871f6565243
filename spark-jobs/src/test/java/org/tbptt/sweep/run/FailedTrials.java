package org.tbptt.sweep.run;

import java.util.List;
import java.util.Set;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/** Trials that have ended well and are made to have failed. */
final class FailedTrials {

  private FailedTrials() {}

  /**
   * Replaces the rows of a trial.
   *
   * @param events of the run in which it ended
   * @param epochs after how many of its epochs it is to have failed
   */
  static void fail(ResultsStore store, List<SweepEvent> events, String id, int epochs) {
    TrialResult ended =
        events.stream()
            .filter(event -> event instanceof SweepEvent.TrialFinished)
            .map(event -> ((SweepEvent.TrialFinished) event).result())
            .filter(result -> result.trialId().equals(id))
            .findFirst()
            .orElseThrow();
    TrialOutcome outcome = ended.outcome();
    store.remove(ended.sweep(), Set.of(id));
    store.append(
        ended.withOutcome(
            TrialOutcome.failed(
                    "because of a reason",
                    ended.spec().training().engine().wanted(),
                    outcome.startedAt())
                .after(outcome.epochs().subList(0, epochs), outcome.startedAt())));
  }
}
