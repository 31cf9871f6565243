package org.tbptt.sweep.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

/**
 * A trial that has been started in this run, as far as its events tell.
 *
 * @param from where its newest attempt began
 * @param progress where it is now
 * @param since when its newest attempt began, of {@link System#nanoTime}
 * @param at when it was where it is now, of {@link System#nanoTime}
 * @param epochs those that have ended, from the first on
 * @param result once it has ended
 */
record LiveTrial(
    PlannedTrial trial,
    State state,
    TrainingProgress from,
    TrainingProgress progress,
    long since,
    long at,
    List<EpochMetrics> epochs,
    int attempt,
    String host,
    Optional<TrialResult> result) {

  enum State {
    RUNNING,
    /** It has lost its executor or its task failed, and it is started again. */
    RETRIED,
    /** It has left its slot until it is known whether it goes on. */
    PAUSED,
    ENDED
  }

  LiveTrial {
    epochs = List.copyOf(epochs);
  }

  static LiveTrial started(SweepEvent.TrialStarted event, List<EpochMetrics> known, long now) {
    return new LiveTrial(
        event.trial(),
        State.RUNNING,
        event.from(),
        event.from(),
        now,
        now,
        event.before().size() > known.size() ? event.before() : known,
        event.attempt(),
        event.host(),
        Optional.empty());
  }

  LiveTrial at(TrainingProgress progress, long now) {
    return new LiveTrial(
        trial, state, from, progress, since, now, epochs, attempt, host, Optional.empty());
  }

  /** The same after one epoch more; an epoch that is known already changes nothing. */
  LiveTrial with(EpochMetrics epoch) {
    if (epoch.epoch() != epochs.size() + 1) {
      return this;
    }
    List<EpochMetrics> more = new ArrayList<>(epochs);
    more.add(epoch);
    return new LiveTrial(trial, state, from, progress, since, at, more, attempt, host, result);
  }

  LiveTrial in(State state) {
    return new LiveTrial(trial, state, from, progress, since, at, epochs, attempt, host, result);
  }

  /** How a trial ended of whose start nothing was heard. */
  static LiveTrial ended(PlannedTrial trial, TrialResult result) {
    TrainingProgress none =
        new TrainingProgress(1, trial.spec().training().epochs(), 0, 1, Double.NaN, Double.NaN);
    return new LiveTrial(trial, State.ENDED, none, none, 0, 0, List.of(), 1, "", Optional.empty())
        .ended(result);
  }

  LiveTrial ended(TrialResult result) {
    return new LiveTrial(
        trial,
        State.ENDED,
        from,
        progress,
        since,
        at,
        result.outcome().epochs(),
        result.attempts(),
        result.host(),
        Optional.of(result));
  }

  /** Seconds until it ends if it goes on as fast as since this attempt began; NaN before that. */
  double secondsLeft() {
    double done = progress.share() - from.share();
    return done <= 0 ? Double.NaN : (at - since) / 1e9 * (1 - progress.share()) / done;
  }
}
