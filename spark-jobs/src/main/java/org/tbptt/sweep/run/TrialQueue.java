package org.tbptt.sweep.run;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.tbptt.sweep.run.RetryState.Loss;
import org.tbptt.sweep.run.RetryState.State;
import org.tbptt.sweep.run.RetryState.Turn;

/**
 * The trials that have been begun, and which of them, or of those that the source proposes, is
 * started next: of those that wait, the one that has come to the furthest rung. Suspects are
 * started after all others, one at a time; the next one when the current one has reached another
 * checkpoint.
 */
final class TrialQueue {

  // Spark reports the trials of one executor one after the other, within milliseconds.
  private static final long TOLD_TOGETHER = TimeUnit.SECONDS.toNanos(1);

  private final TrialSource source;
  private final Map<String, KeptProgress> begun;
  private final Consumer<SweepEvent> events;
  private final BiConsumer<RunningTrial, String> giveUp;
  private final Map<String, RunningTrial> trials = new LinkedHashMap<>();

  /**
   * @param begun what earlier drivers have begun, by trials' ids
   * @param events told of each trial that is deferred or retried
   * @param giveUp receives each trial that will not be retried, and the reason
   */
  TrialQueue(
      TrialSource source,
      Map<String, KeptProgress> begun,
      Consumer<SweepEvent> events,
      BiConsumer<RunningTrial, String> giveUp) {
    this.source = source;
    this.begun = begun;
    this.events = events;
    this.giveUp = giveUp;
  }

  /** Those that have been taken from the source and have not ended. */
  Collection<RunningTrial> trials() {
    return Collections.unmodifiableCollection(trials.values());
  }

  Optional<RunningTrial> find(String trialId) {
    return Optional.ofNullable(trials.get(trialId));
  }

  /**
   * Whether all have ended, and there will be no more. Once the run is late, those that were never
   * started or are between two rungs need not end: the next run has them.
   */
  boolean isDone() {
    return source.isFinished()
        && (trials.isEmpty()
            || (source.isLate() && trials.values().stream().allMatch(TrialQueue::isBetweenSlots)));
  }

  /** Whether it was never started, or has left its slot at a rung and has not got another one. */
  private static boolean isBetweenSlots(RunningTrial trial) {
    State state = trial.retry().state();
    return state == State.AT_RUNG
        || (state == State.WAITING && (trial.submitted() == null || trial.rungEpochs() > 0));
  }

  /**
   * Takes a trial that is to be started now.
   *
   * @param wanted trials that should be under way
   */
  Optional<RunningTrial> next(int wanted) {
    Optional<RunningTrial> next =
        waiting(wanted).or(() -> proposed(wanted)).or(() -> waiting(wanted));
    next.ifPresent(RunningTrial::start);
    return next;
  }

  /**
   * A trial has lost its executor.
   *
   * @param position of the trial's newest checkpoint
   */
  void lost(RunningTrial trial, String position, Loss loss) {
    trial.retry().reached(position);
    trial.retry().lost(loss);
  }

  /**
   * A trial's task has failed, and its executor lives.
   *
   * @param position of the trial's newest checkpoint
   * @param now of {@link System#nanoTime}
   */
  void failed(RunningTrial trial, String position, String reason, long now) {
    RetryState retry = trial.retry();
    retry.reached(position);
    retry
        .failed(reason, now)
        .ifPresentOrElse(
            why -> giveUp.accept(trial, why),
            () -> events.accept(new SweepEvent.TaskFailed(trial.trial(), reason, retry.pause())));
  }

  /** Ends pauses, and handles the losses for which it is known which trials were lost together. */
  void judge(long now) {
    trials.values().forEach(trial -> trial.retry().resume(now));
    in(State.LOST)
        .collect(groupingBy(trial -> trial.retry().loss().executor(), LinkedHashMap::new, toList()))
        .values()
        .stream()
        .filter(lost -> now - lost.get(0).retry().loss().at() >= TOLD_TOGETHER)
        .forEach(together -> together.forEach(trial -> judge(trial, together.size() == 1)));
  }

  private void judge(RunningTrial trial, boolean alone) {
    RetryState retry = trial.retry();
    String reason = retry.loss().reason();
    retry
        .judge(alone)
        .ifPresentOrElse(
            why -> giveUp.accept(trial, why),
            () ->
                events.accept(
                    new SweepEvent.ExecutorLost(trial.trial(), reason, retry.isSuspect())));
  }

  /** A trial has ended, in whatever way; empty if it had before. */
  Optional<RunningTrial> end(String trialId) {
    return Optional.ofNullable(trials.remove(trialId));
  }

  /** Those that have left their slots at a rung. */
  List<RunningTrial> atRung() {
    return in(State.AT_RUNG).toList();
  }

  private Optional<RunningTrial> waiting(int wanted) {
    Occupancy now = occupancy();
    return in(State.WAITING)
        .filter(trial -> mayStart(trial, now, wanted))
        .min(comparingInt((RunningTrial trial) -> -trial.rungEpochs())); // the first of equal ones
  }

  private boolean mayStart(RunningTrial trial, Occupancy now, int wanted) {
    if (now.aloneRuns() || (source.isLate() && isBetweenSlots(trial))) {
      return false;
    }
    boolean othersWait = source.hasNext() || now.deferredWait();
    return switch (trial.retry().turn()) {
      case NEXT -> now.underWay() < wanted;
      case DEFERRED -> !source.hasNext() && now.underWay() < wanted;
      case SUSPECT -> !othersWait && !now.suspectRuns();
      case ALONE -> !othersWait && now.underWay() == 0;
    };
  }

  private Optional<RunningTrial> proposed(int wanted) {
    Occupancy now = occupancy();
    while (source.hasNext() && now.underWay() < wanted && !now.aloneRuns()) {
      PlannedTrial trial = source.next();
      int startsInVain = begun.getOrDefault(trial.id(), KeptProgress.NONE).startsInVain();
      RunningTrial taken = new RunningTrial(trial, startsInVain);
      trials.put(trial.id(), taken);
      if (taken.retry().turn() == Turn.NEXT) {
        return Optional.of(taken);
      }
      events.accept(new SweepEvent.TrialDeferred(trial, startsInVain));
    }
    return Optional.empty();
  }

  /**
   * Who has a slot.
   *
   * @param underWay how many have one, or keep one
   * @param deferredWait whether trials wait that are deferred
   */
  private record Occupancy(
      int underWay, boolean suspectRuns, boolean aloneRuns, boolean deferredWait) {}

  private Occupancy occupancy() {
    int underWay = 0;
    boolean suspectRuns = false;
    boolean aloneRuns = false;
    boolean deferredWait = false;
    for (RunningTrial trial : trials.values()) {
      Turn turn = trial.retry().turn();
      switch (trial.retry().state()) {
        case RUNNING -> {
          underWay++;
          suspectRuns |= turn == Turn.SUSPECT;
          aloneRuns |= turn == Turn.ALONE;
        }
        case PAUSED -> underWay++;
        case WAITING -> deferredWait |= turn == Turn.DEFERRED && !source.isLate();
        case LOST, AT_RUNG, GIVEN_UP -> {}
      }
    }
    return new Occupancy(underWay, suspectRuns, aloneRuns, deferredWait);
  }

  private Stream<RunningTrial> in(State state) {
    return trials.values().stream().filter(trial -> trial.retry().state() == state);
  }
}
