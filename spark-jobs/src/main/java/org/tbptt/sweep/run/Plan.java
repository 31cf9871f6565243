package org.tbptt.sweep.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.grid.Merged;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.search.Budget;
import org.tbptt.sweep.stopping.StoppingRule;

/**
 * What a sweep has to do: the trials of its grid, or those of its search's candidates that are
 * known so far, and which of them the tables have already.
 *
 * @param grid of a search the corners of its space
 * @param trials every trial, in the grid's order or that of candidates
 * @param total how many trials there will be at most
 * @param ended the endings with which a trial counts as done, whatever the stopping rule
 * @param done how the trials of the tables ended that have such an ending, or that the rule stops
 *     where they have been stopped; by their ids
 */
public record Plan(
    SweepConfig config,
    Corpus corpus,
    Grid grid,
    List<PlannedTrial> trials,
    int total,
    Set<TrialStatus> ended,
    Map<String, TrialEnding> done) {

  /**
   * Looks up what is done.
   *
   * @param retryFailed whether trials that failed count as not done
   * @throws org.tbptt.sweep.config.InvalidConfException if the corpus does not suit the grid
   */
  public static Plan of(
      SweepConfig config, Grid grid, Corpus corpus, ResultsStore results, boolean retryFailed) {
    grid.checkAgainst(corpus);
    Set<TrialStatus> ended = EnumSet.complementOf(EnumSet.of(TrialStatus.STOPPED));
    if (retryFailed) {
      ended.remove(TrialStatus.FAILED);
    }
    List<PlannedTrial> trials = config.search().isGrid() ? all(grid, corpus) : List.of();
    return new Plan(config, corpus, grid, trials, trials.size(), ended, Map.of()).asOf(results);
  }

  private static List<PlannedTrial> all(Grid grid, Corpus corpus) {
    List<PlannedTrial> trials = new ArrayList<>();
    for (int i = 0; i < grid.trials().size(); i++) {
      TrialSpec spec = grid.trials().get(i);
      trials.add(new PlannedTrial(TrialIdentity.of(spec, corpus.id()), spec, grid.labels().get(i)));
    }
    return trials;
  }

  /** The same plan, by what is done now, where trials that failed are not tried again. */
  Plan withoutRetries(ResultsStore results) {
    Set<TrialStatus> allButStopped = EnumSet.complementOf(EnumSet.of(TrialStatus.STOPPED));
    return new Plan(config, corpus, grid, trials, total, allButStopped, done).asOf(results);
  }

  /** The same plan, by what is done now. */
  Plan asOf(ResultsStore results) {
    StoredTrials stored = stored(results);
    Map<String, TrialEnding> known = new HashMap<>(stored.endings());
    known.keySet().removeIf(id -> !stored.isDone(id));
    Rungs rungs = new Rungs(rule(), List.of());
    List<PlannedTrial> entered = new ArrayList<>();
    TrialSource missing =
        missing(
            config.search().isGrid() ? Budget.NONE : config.budget(),
            trial -> {
              entered.add(trial);
              Optional<TrialEnding> ending = stored.tell(trial, rungs);
              ending.ifPresent(of -> known.put(trial.id(), of));
              return ending;
            });
    while (missing.hasNext()) {
      missing.next();
    }
    if (config.search().isGrid()) {
      return new Plan(config, corpus, grid, trials, total, ended, known);
    }
    int most = missing.isFinished() ? entered.size() : config.search().trials();
    return new Plan(config, corpus, grid, entered, most, ended, known);
  }

  /** What the tables have of its trials. */
  StoredTrials stored(ResultsStore results) {
    return new StoredTrials(results, config.name(), rule(), ended);
  }

  /** What the sweep's rule decides by what is in the tables. */
  Rungs rungs(StoredTrials stored) {
    Rungs rungs = new Rungs(rule(), trials);
    trials.forEach(trial -> stored.tell(trial, rungs));
    return rungs;
  }

  /** By which trials are stopped. */
  public StoppingRule rule() {
    return config.stopping().rule();
  }

  /**
   * The trials that are to be trained one after the other.
   *
   * @param budget that they may spend
   * @param done as in {@link MissingTrials}
   */
  TrialSource missing(Budget budget, Function<PlannedTrial, Optional<TrialEnding>> done) {
    TrialSource all =
        config.search().isGrid()
            ? new GridSource(inOrder(trials))
            : new SearchSource(config, corpus.id());
    return new MissingTrials(all, budget, done);
  }

  /**
   * The trials to train, as far as they are known: those with the most work first, so that no long
   * one is left for the end; in their order if each is compared with those before it, or depends on
   * their results.
   */
  public List<PlannedTrial> missing() {
    return inOrder(trials.stream().filter(trial -> !isDone(trial)).toList());
  }

  /** How many there are to train at most, those among them that are not known yet. */
  public int toDo() {
    return total - (int) trials.stream().filter(this::isDone).count();
  }

  /** Trials that need as much memory as any that is to be trained. */
  List<PlannedTrial> largest() {
    return config.search().isGrid() || toDo() == 0 ? missing() : all(grid, corpus);
  }

  /** Points of the grid that are not trained; of a search, there are none. */
  public List<Merged> merged() {
    return config.search().isGrid() ? grid.merged() : List.of();
  }

  private List<PlannedTrial> inOrder(List<PlannedTrial> some) {
    if (rule().comparesTrials() || !config.search().isGrid()) {
      return some;
    }
    Map<String, Double> work = new HashMap<>();
    some.forEach(trial -> work.put(trial.id(), trial.work(corpus)));
    return some.stream()
        .sorted(Comparator.comparing((PlannedTrial trial) -> work.get(trial.id())).reversed())
        .toList();
  }

  public boolean isDone(PlannedTrial trial) {
    return done.containsKey(trial.id());
  }

  public Set<String> doneIds() {
    return done.keySet();
  }
}
