package org.tbptt.sweep.run;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The state of a trial that has not ended, and when it may be started the next time.
 *
 * <p>If an executor with several trials dies, at most one of them is the cause, and it is not known
 * which. So a loss counts against a trial only if it was alone in its executor. A trial that is
 * lost together with others a second time becomes a suspect. Losses and failures count at one
 * checkpoint: a trial that comes further may be lost for ever.
 */
final class RetryState {

  enum State {
    /** It is not started, or to be started again. */
    WAITING,
    /** Spark has it. */
    RUNNING,
    /** Its executor is gone, and it is not known yet whether other trials were in it. */
    LOST,
    /** Its task failed; it keeps its slot, and waits. */
    PAUSED,
    /** It has left its slot until it is known whether it goes on. */
    AT_RUNG,
    /** It is not started again. */
    GIVEN_UP
  }

  /** When a trial may be started. */
  enum Turn {
    /** As soon as there is a slot. */
    NEXT,
    /** After all others: earlier drivers may have died of it. */
    DEFERRED,
    /** After all others, one trial at a time: it may be what kills its executors. */
    SUSPECT,
    /** While no other trial runs: it was lost in company again although it was the only suspect. */
    ALONE
  }

  /** Its executor's loss; the id is one that no other executor has had or will have. */
  record Loss(String executor, String reason, long at) {}

  // Starts by earlier drivers without a new checkpoint.
  private static final int MAX_STARTS_IN_VAIN = 3;
  // Executors that a trial may lose at one checkpoint while it is the only trial in them.
  private static final int MAX_LOSSES_ALONE = 3;
  // Executors that it may lose at one checkpoint together with others before it is a suspect.
  private static final int MAX_LOSSES_SHARED = 1;
  // Failures of its task at one checkpoint; with the pauses they take about a minute.
  private static final int MAX_FAILURES = 6;
  private static final int LONGEST_PAUSE = 30;

  private State state = State.WAITING;
  private boolean deferred;
  private String position = "";
  private int lossesAlone;
  private int lossesShared;
  private int failures;
  private Loss loss;
  private long pausedUntil;

  /**
   * @param startsInVain by earlier drivers, since its newest checkpoint
   */
  RetryState(int startsInVain) {
    this.deferred = startsInVain >= MAX_STARTS_IN_VAIN;
  }

  State state() {
    return state;
  }

  Turn turn() {
    if (lossesShared > MAX_LOSSES_SHARED) {
      return lossesShared > MAX_LOSSES_SHARED + 1 ? Turn.ALONE : Turn.SUSPECT;
    }
    return deferred ? Turn.DEFERRED : Turn.NEXT;
  }

  boolean isSuspect() {
    return turn() == Turn.SUSPECT || turn() == Turn.ALONE;
  }

  /** The last one; null before the first. */
  Loss loss() {
    return loss;
  }

  void start() {
    leave(State.WAITING, State.RUNNING);
    deferred = false;
  }

  /** Its newest checkpoint has this position. */
  void reached(String newest) {
    if (!newest.equals(position)) {
      position = newest;
      lossesAlone = 0;
      lossesShared = 0;
      failures = 0;
    }
  }

  void lost(Loss loss) {
    leave(State.RUNNING, State.LOST);
    this.loss = loss;
  }

  /**
   * It has become known who was lost together.
   *
   * @param alone whether no other trial was in the executor
   * @return why the trial is given up; empty if it waits to be started again
   */
  Optional<String> judge(boolean alone) {
    leave(State.LOST, State.WAITING);
    if (alone) {
      lossesAlone++;
    } else {
      lossesShared++;
    }
    if (lossesAlone < MAX_LOSSES_ALONE) {
      return Optional.empty();
    }
    return giveUp("lost its executor", lossesAlone + lossesShared, loss.reason());
  }

  /**
   * Its task has failed before there was a result, and its executor lives. It keeps its place while
   * it waits: an executor where every task fails at once is not to go through the whole sweep.
   *
   * @param now of {@link System#nanoTime}
   * @return why the trial is given up; empty if it is to be started again after a {@link #pause}
   */
  Optional<String> failed(String reason, long now) {
    leave(State.RUNNING, State.PAUSED);
    failures++;
    pausedUntil = now + TimeUnit.SECONDS.toNanos(pause());
    return failures < MAX_FAILURES ? Optional.empty() : giveUp("its task failed", failures, reason);
  }

  /** How many seconds it is paused after its newest failure. */
  int pause() {
    return Math.min(1 << failures, LONGEST_PAUSE);
  }

  /** Ends a pause that is over. */
  void resume(long now) {
    if (state == State.PAUSED && now - pausedUntil >= 0) {
      state = State.WAITING;
    }
  }

  /** It has come to a rung. */
  void reachRung() {
    leave(State.RUNNING, State.AT_RUNG);
  }

  /** It goes on from a rung. */
  void leaveRung() {
    leave(State.AT_RUNG, State.WAITING);
  }

  private Optional<String> giveUp(String event, int times, String reason) {
    state = State.GIVEN_UP;
    return Optional.of(
        "%s %d times at the same checkpoint; the last time: %s".formatted(event, times, reason));
  }

  private void leave(State from, State to) {
    if (state != from) {
      throw new IllegalStateException("the trial is " + state + ", not " + from);
    }
    state = to;
  }
}
