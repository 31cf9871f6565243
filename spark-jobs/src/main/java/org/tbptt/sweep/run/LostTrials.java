package org.tbptt.sweep.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Trials that lost their executor or whose task failed, until they are submitted again.
 *
 * <p>If an executor with several trials dies, at most one of them is the cause, and it is not known
 * which. So a loss counts against a trial only if it was alone in its executor. Trials that are
 * lost together a second time become suspects. Suspects are retried after all other trials, one at
 * a time; the next one starts when the current one has reached another checkpoint. A suspect that
 * is lost together with others again is retried only while no other trial runs.
 */
final class LostTrials {

  // Spark reports the trials of one executor one after the other, within milliseconds.
  private static final long TOLD_TOGETHER = TimeUnit.SECONDS.toNanos(1);
  // Failures of a trial's task at one checkpoint; with the pauses they take about a minute.
  private static final int FAILURES = 6;
  private static final int LONGEST_PAUSE = 30;

  private final Consumer<SweepEvent> events;
  private final BiConsumer<RunningTrial, String> giveUp;
  private final List<Loss> fresh = new ArrayList<>();
  private final List<RunningTrial> held = new ArrayList<>();
  private final List<Pause> pausing = new ArrayList<>();
  private Optional<RunningTrial> tried = Optional.empty();

  /** A loss of which it is not known yet whether it was alone. */
  private record Loss(
      RunningTrial trial, String executor, String position, String reason, long at) {}

  /** After a failure. */
  private record Pause(RunningTrial trial, long until) {}

  /**
   * @param events told of each trial that will be retried
   * @param giveUp receives each trial that will not, and the reason
   */
  LostTrials(Consumer<SweepEvent> events, BiConsumer<RunningTrial, String> giveUp) {
    this.events = events;
    this.giveUp = giveUp;
  }

  /**
   * A trial has lost its executor.
   *
   * @param executor its id, which no other executor has had or will have
   * @param position of the trial's newest checkpoint
   * @param now of {@link System#nanoTime}
   */
  void lost(RunningTrial trial, String executor, String position, String reason, long now) {
    ended(trial);
    fresh.add(new Loss(trial, executor, position, reason, now));
  }

  /**
   * A trial's task has failed before there was a result, and its executor lives. It keeps its place
   * while it waits: an executor where every task fails at once is not to go through the whole
   * sweep.
   *
   * @param position of the trial's newest checkpoint
   * @param now of {@link System#nanoTime}
   */
  void failed(RunningTrial trial, String position, String reason, long now) {
    ended(trial);
    int failures = trial.failed(position);
    if (failures >= FAILURES) {
      giveUp.accept(
          trial,
          "its task failed %d times at the same place; the last time: %s"
              .formatted(failures, reason));
      return;
    }
    int seconds = Math.min(1 << failures, LONGEST_PAUSE);
    pausing.add(new Pause(trial, now + TimeUnit.SECONDS.toNanos(seconds)));
    events.accept(new SweepEvent.TaskFailed(trial.trial(), reason, seconds));
  }

  /** A trial has ended, in whatever way. */
  void ended(RunningTrial trial) {
    tried = tried.filter(suspect -> suspect != trial);
  }

  /** Handles the losses for which it is known which trials were lost together, and ends pauses. */
  void judge(long now) {
    List<Pause> over = pausing.stream().filter(pause -> now - pause.until() >= 0).toList();
    pausing.removeAll(over);
    over.forEach(pause -> held.add(pause.trial()));
    while (!fresh.isEmpty() && now - fresh.get(0).at() >= TOLD_TOGETHER) {
      String executor = fresh.get(0).executor();
      List<Loss> together =
          fresh.stream().filter(loss -> loss.executor().equals(executor)).toList();
      fresh.removeAll(together);
      together.forEach(loss -> judge(loss, together.size() == 1));
    }
  }

  private void judge(Loss loss, boolean alone) {
    RunningTrial trial = loss.trial();
    trial.lost(loss.position(), alone);
    if (trial.exceedsLosses()) {
      giveUp.accept(
          trial,
          "lost its executor %d times at the same place; the last time: %s"
              .formatted(trial.losses(), loss.reason()));
      return;
    }
    held.add(trial);
    events.accept(new SweepEvent.ExecutorLost(trial.trial(), loss.reason(), trial.isSuspect()));
  }

  /** Clears the running suspect if it has reached another checkpoint. */
  void watch(Function<RunningTrial, String> position) {
    tried = tried.filter(suspect -> suspect.wasLostAt(position.apply(suspect)));
  }

  /**
   * Takes a trial that is to be submitted again now.
   *
   * @param underWay how many trials are running
   * @param othersWait whether there are trials that have not been submitted yet
   */
  Optional<RunningTrial> next(int underWay, boolean othersWait) {
    Optional<RunningTrial> next =
        held.stream().filter(trial -> mayGo(trial, underWay, othersWait)).findFirst();
    next.ifPresent(held::remove);
    if (next.filter(RunningTrial::isSuspect).isPresent()) {
      tried = next;
    }
    return next;
  }

  private boolean mayGo(RunningTrial trial, int underWay, boolean othersWait) {
    if (trial.isSuspect()) {
      return tried.isEmpty() && !othersWait && (underWay == 0 || !trial.mustRunAlone());
    }
    return tried.filter(RunningTrial::mustRunAlone).isEmpty();
  }

  /** How many wait without keeping a slot. */
  int size() {
    return fresh.size() + held.size();
  }
}
