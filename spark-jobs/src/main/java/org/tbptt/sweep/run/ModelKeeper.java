package org.tbptt.sweep.run;

import java.util.HashMap;
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

  ModelKeeper(KeepModels keep, ModelStore models, String sweep) {
    this.keep = keep;
    this.models = models;
    this.sweep = sweep;
  }

  /**
   * Takes the trials into account that ended before.
   *
   * @param ended those that had a finite loss
   */
  void resume(List<BestEpoch> ended) {
    Set<String> there = models.trialIds(sweep);
    ended.stream().filter(best -> there.contains(best.trialId())).forEach(this::decide);
  }

  /** A trial's rows have been written. */
  void ended(TrialResult result) {
    Optional<BestEpoch> best = BestEpoch.of(result);
    if (best.isPresent()) {
      decide(best.get());
    } else {
      models.delete(sweep, result.trialId());
    }
  }

  private void decide(BestEpoch best) {
    if (keep == KeepModels.NONE || !models.keep(sweep, best) || keep == KeepModels.ALL) {
      return;
    }
    BestEpoch other = bestOfStyle.get(best.style());
    if (other == null || best.compareTo(other) < 0) {
      bestOfStyle.put(best.style(), best);
    }
    if (other != null && !other.trialId().equals(best.trialId())) {
      models.delete(sweep, best.compareTo(other) < 0 ? other.trialId() : best.trialId());
    }
  }
}
