package org.tbptt.sweep.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.stopping.StoppingRule;

/**
 * What a sweep has to do: the trials of its grid, and which of them the tables have already.
 *
 * @param trials every trial, in the grid's order
 * @param ended the endings with which a trial counts as done, whatever the stopping rule
 * @param doneIds those of the trials that are in the tables with such an ending, or that the rule
 *     stops where they have been stopped
 */
public record Plan(
    SweepConfig config,
    Corpus corpus,
    Grid grid,
    List<PlannedTrial> trials,
    Set<TrialStatus> ended,
    Set<String> doneIds) {

  /**
   * Looks up what is done.
   *
   * @param retryFailed whether trials that failed count as not done
   * @throws org.tbptt.sweep.config.InvalidConfException if the corpus does not suit the grid
   */
  public static Plan of(
      SweepConfig config, Grid grid, Corpus corpus, ResultsStore results, boolean retryFailed) {
    grid.checkAgainst(corpus);
    List<PlannedTrial> trials = new ArrayList<>();
    for (int i = 0; i < grid.trials().size(); i++) {
      TrialSpec spec = grid.trials().get(i);
      trials.add(new PlannedTrial(TrialIdentity.of(spec, corpus.id()), spec, grid.labels().get(i)));
    }
    Set<TrialStatus> done = EnumSet.complementOf(EnumSet.of(TrialStatus.STOPPED));
    if (retryFailed) {
      done.remove(TrialStatus.FAILED);
    }
    return new Plan(config, corpus, grid, trials, done, Set.of()).asOf(results);
  }

  /** The same plan, by what is done now. */
  Plan asOf(ResultsStore results) {
    Set<String> done = results.trialIds(config.name(), ended);
    if (rule().isOn()) {
      Rungs rungs = rungs(results);
      results.trialIds(config.name(), EnumSet.of(TrialStatus.STOPPED)).stream()
          .filter(id -> rungs.stop(id).isPresent())
          .forEach(done::add);
    }
    return new Plan(config, corpus, grid, trials, ended, done);
  }

  /** What the sweep's rule decides by what is in the tables. */
  Rungs rungs(ResultsStore results) {
    Rungs rungs = new Rungs(rule(), trials);
    if (rule().isOn()) {
      results.validLosses(config.name()).forEach(rungs::reached);
      results.trialIds(config.name(), ended).forEach(rungs::ended);
    }
    return rungs;
  }

  /** By which trials are stopped. */
  public StoppingRule rule() {
    return config.stopping().rule();
  }

  /**
   * The trials to train, those with the most work first, so that no long one is left for the end;
   * in the grid's order if each is compared with those before it.
   */
  public List<PlannedTrial> missing() {
    List<PlannedTrial> missing = trials.stream().filter(trial -> !isDone(trial)).toList();
    if (rule().comparesTrials()) {
      return missing;
    }
    Map<String, Double> work = new HashMap<>();
    missing.forEach(trial -> work.put(trial.id(), trial.work(corpus)));
    return missing.stream()
        .sorted(Comparator.comparing((PlannedTrial trial) -> work.get(trial.id())).reversed())
        .toList();
  }

  public boolean isDone(PlannedTrial trial) {
    return doneIds.contains(trial.id());
  }
}
