package org.tbptt.sweep.live;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.live.LiveTrial.State;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.RemainingTime;
import org.tbptt.sweep.run.SweepEvent;

/**
 * What is known of a running sweep, from its events. The sweep's thread adds to it and one other
 * takes what has changed; neither waits for more than a few memory operations of the other.
 */
final class LiveSweep implements Consumer<SweepEvent> {

  /** Older ones are in the driver's log. */
  private static final int PROBLEMS = 200;

  private final LongSupplier nanoTime;
  private final Map<String, LiveTrial> trials = new LinkedHashMap<>();
  private final Set<String> changed = new LinkedHashSet<>();
  private final Deque<Problem> problems = new ArrayDeque<>();
  private final RemainingTime remaining = new RemainingTime();
  private int finished;
  private int missing;
  private long begun;

  /** Something that went wrong, in a line. */
  record Problem(Instant at, String text) {}

  /**
   * What has changed.
   *
   * @param trials those of which there is news, each as it is now
   * @param problems the newest ones, the newest first, whether they are new or not
   * @param finished trials that have ended in this run
   * @param missing trials that this run had to train at most when it began
   * @param secondsLeft until all have ended, if they go on as fast; NaN if that is not known
   */
  record Changes(
      List<LiveTrial> trials,
      List<Problem> problems,
      int finished,
      int missing,
      double secondsLeft) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  LiveSweep(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void accept(SweepEvent event) {
    if (event instanceof SweepEvent.SweepStarted sweep) {
      missing = sweep.plan().toDo();
      begun = nanoTime.getAsLong();
    } else if (event instanceof SweepEvent.TrialStarted begun) {
      remaining.started(begun);
      LiveTrial known = trials.get(begun.trial().id());
      put(
          LiveTrial.started(
              begun, known == null ? List.of() : known.epochs(), nanoTime.getAsLong()));
    } else if (event instanceof SweepEvent.TrialProgressed progressed) {
      change(
          progressed.trial(),
          trial -> trial.at(progressed.progress(), nanoTime.getAsLong()).in(State.RUNNING));
    } else if (event instanceof SweepEvent.EpochFinished epoch) {
      change(epoch.trial(), trial -> trial.with(epoch.metrics()));
    } else if (event instanceof SweepEvent.ExecutorLost lost) {
      change(lost.trial(), trial -> trial.in(State.RETRIED));
    } else if (event instanceof SweepEvent.TaskFailed failed) {
      change(failed.trial(), trial -> trial.in(State.RETRIED));
    } else if (event instanceof SweepEvent.TrialPaused paused) {
      change(paused.trial(), trial -> trial.in(State.PAUSED));
    } else if (event instanceof SweepEvent.TrialFinished end) {
      finished = end.finished();
      ended(end.trial(), end.result());
    }
  }

  /** Something went wrong. */
  synchronized void problem(String text) {
    if (problems.size() == PROBLEMS) {
      problems.removeLast();
    }
    problems.addFirst(new Problem(Instant.now(), text));
  }

  /** What has changed since this was last asked. */
  synchronized Changes take() {
    List<LiveTrial> news = new ArrayList<>();
    changed.forEach(id -> news.add(trials.get(id)));
    changed.clear();
    double running =
        trials.values().stream()
            .filter(trial -> trial.result().isEmpty())
            .mapToDouble(trial -> trial.progress().share())
            .sum();
    double seconds = (nanoTime.getAsLong() - begun) / 1e9;
    return new Changes(
        news,
        List.copyOf(problems),
        finished,
        missing,
        remaining.seconds(seconds, finished + running, missing));
  }

  private void ended(PlannedTrial planned, TrialResult result) {
    LiveTrial known = trials.get(planned.id());
    put(known == null ? LiveTrial.ended(planned, result) : known.ended(result));
    TrialStatus status = result.outcome().status();
    if (status == TrialStatus.FAILED || status == TrialStatus.DIVERGED) {
      problem("%s: %s, %s".formatted(planned.label(), status, result.outcome().reason()));
    }
  }

  private void change(PlannedTrial planned, UnaryOperator<LiveTrial> change) {
    Optional.ofNullable(trials.get(planned.id())).map(change).ifPresent(this::put);
  }

  private void put(LiveTrial trial) {
    trials.put(trial.trial().id(), trial);
    changed.add(trial.trial().id());
  }
}
