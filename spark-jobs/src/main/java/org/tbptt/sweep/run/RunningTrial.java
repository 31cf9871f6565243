package org.tbptt.sweep.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.TrialResult;

/** What the driver knows of a trial that has been begun and has not ended. */
final class RunningTrial {

  private final PlannedTrial trial;
  private final RetryState retry;
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private boolean written = true;
  private long newsSince;
  private Instant submitted; // null before the first time
  private Instant began; // null while nothing was heard of it
  private TrialResult atRung; // null before the first
  private int attempt;
  private String host = "";

  /**
   * @param startsInVain by earlier drivers, since its newest checkpoint
   */
  RunningTrial(PlannedTrial trial, int startsInVain) {
    this.trial = trial;
    this.retry = new RetryState(startsInVain);
  }

  PlannedTrial trial() {
    return trial;
  }

  RetryState retry() {
    return retry;
  }

  void start() {
    retry.start();
    if (submitted == null) {
      submitted = Instant.now();
    }
  }

  /** The first time. */
  Instant submitted() {
    return submitted;
  }

  /**
   * An executor has told of it.
   *
   * @return whether that is new: an attempt that goes on from a checkpoint tells again of the
   *     epochs that an earlier one has told of
   */
  boolean heard(SweepEvent.OfTrial event) {
    if (event instanceof SweepEvent.TrialStarted begun) {
      started(begun);
    } else if (event instanceof SweepEvent.EpochFinished epoch) {
      return epochFinished(epoch.metrics());
    } else if (event instanceof SweepEvent.CheckpointSaved checkpoint) {
      retry.reached(checkpoint.position());
    }
    return true;
  }

  private void started(SweepEvent.TrialStarted event) {
    attempt = Math.max(attempt, event.attempt()); // twins may tell of it out of turn
    host = event.host();
    if (began == null || event.since().isBefore(began)) {
      began = event.since();
    }
    // Those of an earlier driver's attempt are new here.
    event.before().forEach(this::epochFinished);
  }

  /** Its attempt has ended at a rung, with this. */
  void reachRung(TrialResult result) {
    result.outcome().epochs().forEach(this::epochFinished);
    retry.reachRung();
    atRung = result;
  }

  /** The result of the attempt that ended at the last rung that it came to. */
  TrialResult atRung() {
    return atRung;
  }

  /** How many epochs it had been trained then; 0 before the first rung. */
  int rungEpochs() {
    return atRung == null ? 0 : atRung.outcome().epochs().size();
  }

  int attempt() {
    return Math.max(1, attempt);
  }

  /**
   * What one of its attempts gave, with the number of all: a twin of it may have begun later. A
   * failure knows nothing of the epochs before it, and they have been written.
   */
  TrialResult counted(TrialResult result) {
    TrialOutcome outcome = result.outcome();
    return (outcome.status() == TrialStatus.FAILED
            ? result.withOutcome(outcome.after(epochs, began == null ? outcome.startedAt() : began))
            : result)
        .withAttempts(Math.max(attempt, result.attempts()))
        .withCandidate(trial.candidate());
  }

  String host() {
    return host;
  }

  private boolean epochFinished(EpochMetrics metrics) {
    boolean next = metrics.epoch() == epochs.size() + 1;
    if (next) {
      epochs.add(metrics);
      if (written) {
        written = false;
        newsSince = System.nanoTime();
      }
    }
    return next;
  }

  /** Epochs from the first on, without a gap. */
  List<EpochMetrics> epochs() {
    return List.copyOf(epochs);
  }

  /** Whether epochs have come since they were last written. */
  boolean hasNews() {
    return !written;
  }

  /** When the first of them came, by {@link System#nanoTime}. */
  long newsSince() {
    return newsSince;
  }

  void written() {
    written = true;
  }
}
