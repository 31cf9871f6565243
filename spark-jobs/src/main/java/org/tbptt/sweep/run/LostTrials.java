package org.tbptt.sweep.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Trials that Spark has given up on, until they are submitted again.
 *
 * <p>What kills an executor of several cores is one of the trials in it at most, and which one
 * cannot be seen. So a loss counts against a trial only if no other was lost with it. Those that
 * are lost together again become suspects: they go on when nothing else is left to submit, one
 * after the other, the next one when this one has come further. A suspect that is lost in company
 * even then waits until nothing at all is under way: it comes further, or is lost alone.
 */
final class LostTrials {

  // Spark tells of the trials of one executor one by one, but within milliseconds.
  private static final long TOLD_TOGETHER = TimeUnit.SECONDS.toNanos(1);
  // So often a trial's task may fail at one place; a minute all in all, with the pauses.
  private static final int FAILURES = 6;
  private static final int LONGEST_PAUSE = 30;

  private final BiConsumer<RunningTrial, String> report;
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
   * @param report told of what is begun again, in a line
   * @param giveUp told of what is not, and why
   */
  LostTrials(BiConsumer<RunningTrial, String> report, BiConsumer<RunningTrial, String> giveUp) {
    this.report = report;
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
    report.accept(trial, "is begun again in %d s: %s".formatted(seconds, reason));
  }

  /** A trial has ended, in whatever way. */
  void ended(RunningTrial trial) {
    tried = tried.filter(suspect -> suspect != trial);
  }

  /** Decides what becomes of those whose company is known, and ends pauses. */
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
    if (trial.isGuilty()) {
      giveUp.accept(
          trial,
          "lost its executor %d times at the same place; the last time: %s"
              .formatted(trial.losses(), loss.reason()));
      return;
    }
    held.add(trial);
    report.accept(
        trial,
        trial.isSuspect()
            ? "is begun again on its own, later, for it may be what its executors die of: "
                + loss.reason()
            : "is begun again: " + loss.reason());
  }

  /** Lets the suspect that is under way be none any more if it has come further. */
  void watch(Function<RunningTrial, String> position) {
    tried = tried.filter(suspect -> suspect.wasLostAt(position.apply(suspect)));
  }

  /**
   * Takes one that is to be submitted again now.
   *
   * @param underWay how many trials are submitted
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
      return tried.isEmpty() && !othersWait && (underWay == 0 || !trial.hasToBeAlone());
    }
    return tried.filter(RunningTrial::hasToBeAlone).isEmpty();
  }

  /** How many are not submitted at present, and leave their place to others. */
  int size() {
    return fresh.size() + held.size();
  }
}
