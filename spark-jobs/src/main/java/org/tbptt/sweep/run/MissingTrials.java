package org.tbptt.sweep.run;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.tbptt.sweep.config.Count;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.search.Budget;
import org.tbptt.sweep.search.EpochBudget;

/** Those of a source's trials that are not done, as long as the sweep's budget lasts. */
final class MissingTrials implements TrialSource {

  private final TrialSource source;
  private final Budget budget;
  private final Function<PlannedTrial, Optional<TrialEnding>> done;
  private final LongSupplier clock;
  private final long begun;
  private final EpochBudget epochs;
  private final Map<String, Integer> planned = new HashMap<>();
  private PlannedTrial next; // null if it is not known
  private int underWay; // taken, and not ended

  /**
   * @param done asked once about each trial, in their order: how it ended if it is not to be
   *     trained
   */
  MissingTrials(
      TrialSource source, Budget budget, Function<PlannedTrial, Optional<TrialEnding>> done) {
    this(source, budget, done, System::nanoTime);
  }

  MissingTrials(
      TrialSource source,
      Budget budget,
      Function<PlannedTrial, Optional<TrialEnding>> done,
      LongSupplier clock) {
    this.source = source;
    this.budget = budget;
    this.done = done;
    this.clock = clock;
    this.begun = clock.getAsLong();
    this.epochs = new EpochBudget(budget);
  }

  @Override
  public boolean hasNext() {
    while (next == null && epochs.next() == EpochBudget.Verdict.STARTS && source.hasNext()) {
      PlannedTrial trial = source.next();
      planned.put(trial.id(), trial.spec().training().epochs());
      epochs.started(trial.spec().training().epochs());
      done.apply(trial).ifPresentOrElse(this::count, () -> next = trial);
    }
    return next != null && !isLate();
  }

  @Override
  public PlannedTrial next() {
    PlannedTrial trial = next;
    next = null;
    underWay++;
    return trial;
  }

  @Override
  public boolean isFinished() {
    return !hasNext() && (isLate() || isSpent() || source.isFinished());
  }

  @Override
  public void ended(TrialEnding ending) {
    underWay--;
    count(ending);
  }

  private void count(TrialEnding ending) {
    int most = planned.get(ending.trialId());
    epochs.ended(most, ending.epochs());
    source.ended(ending);
  }

  @Override
  public Optional<String> shortfall() {
    if (next == null && source.isFinished() && (underWay == 0 || !isLate())) {
      return source.shortfall();
    }
    return Optional.of(
        isLate()
            ? "the budget of %s is spent; run again to continue".formatted(budget.hoursInWords())
            : "the budget of %s is spent; raise sweep.budget.epochs to continue"
                .formatted(Count.of(budget.epochs(), "epoch")));
  }

  private boolean isSpent() {
    return epochs.next() == EpochBudget.Verdict.SPENT;
  }

  @Override
  public boolean isLate() {
    return budget.hours() > 0
        && clock.getAsLong() - begun > budget.hours() * TimeUnit.HOURS.toNanos(1);
  }
}
