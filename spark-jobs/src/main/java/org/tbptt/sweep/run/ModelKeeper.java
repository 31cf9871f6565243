package org.tbptt.sweep.run;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.BestEpoch;
import org.tbptt.sweep.results.ModelStore;
import org.tbptt.sweep.results.TrialResult;

/**
 * The driver's part in keeping models: executors write those of running trials, here it is decided
 * which of them stay. Whatever was left half done is done when the sweep runs again.
 */
final class ModelKeeper {

  private final KeepModels keep;
  private final ModelStore models;
  private final String sweep;
  private final Map<String, BestEpoch> bestOfStyle = new HashMap<>();

  /** Trials that had a kept model when this run of the sweep began. */
  private final Set<String> keptBefore = new HashSet<>();

  ModelKeeper(KeepModels keep, ModelStore models, String sweep) {
    this.keep = keep;
    this.models = models;
    this.sweep = sweep;
  }

  /**
   * Takes the trials into account that ended before. What they have beside their checkpoints may go
   * then.
   *
   * @param ended those that had a finite loss
   * @param done those that do not go on
   */
  void resume(List<BestEpoch> ended, Set<String> done) {
    keptBefore.addAll(models.trialIds(sweep));
    Set<String> there = new HashSet<>(models.runningIds(sweep));
    there.addAll(keptBefore);
    ended.stream()
        .filter(best -> there.contains(best.trialId()) && done.contains(best.trialId()))
        .forEach(this::decide);
  }

  /** A trial's rows have been written. */
  void ended(TrialResult result) {
    Optional<BestEpoch> best = BestEpoch.of(result);
    String id = result.trialId();
    if (keptBefore.contains(id)
        && !best.map(BestEpoch::epoch).equals(models.keptEpoch(sweep, id))) {
      deleteKeptBefore(id); // the trial went on, and was better later
    }
    best.ifPresent(this::decide);
  }

  private void decide(BestEpoch best) {
    if (keep == KeepModels.NONE) {
      return;
    }
    BestEpoch other = keep == KeepModels.ALL ? null : bestOfStyle.get(best.style());
    if (other != null && other.compareTo(best) < 0) {
      deleteKeptBefore(best.trialId());
    } else if (models.keep(sweep, best) && keep == KeepModels.BEST) {
      bestOfStyle.put(best.style(), best);
      if (other != null && !other.trialId().equals(best.trialId())) {
        models.delete(sweep, other.trialId());
      }
    }
  }

  private void deleteKeptBefore(String trialId) {
    if (keptBefore.remove(trialId)) {
      models.delete(sweep, trialId);
    }
  }
}
