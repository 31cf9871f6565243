package org.tbptt.sweep.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.TrialResult;

/** What the driver knows of a trial that has been submitted and has not ended. */
final class RunningTrial {

  // Executors that a trial may lose at one checkpoint while it is the only trial in them.
  private static final int MAX_LOSSES_ALONE = 3;
  // Executors that it may lose at one checkpoint together with others before it is a suspect.
  private static final int MAX_LOSSES_SHARED = 1;

  private final PlannedTrial trial;
  private final Instant submitted = Instant.now();
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private boolean written = true;
  private Instant began; // null while nothing was heard of it
  private int attempt;
  private String host = "";
  private String lostAt = "";
  private int lossesAlone;
  private int lossesShared;
  private int failures;

  RunningTrial(PlannedTrial trial) {
    this.trial = trial;
  }

  PlannedTrial trial() {
    return trial;
  }

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
    }
    return true;
  }

  private void started(SweepEvent.TrialStarted event) {
    attempt = Math.max(attempt, event.attempt()); // twins may tell of it out of turn
    host = event.host();
    if (began == null || event.since().isBefore(began)) {
      began = event.since();
    }
    event
        .before()
        .forEach(this::epochFinished); // those of an earlier driver's attempt are new here
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
        .withAttempts(Math.max(attempt, result.attempts()));
  }

  String host() {
    return host;
  }

  private boolean epochFinished(EpochMetrics metrics) {
    boolean next = metrics.epoch() == epochs.size() + 1;
    if (next) {
      epochs.add(metrics);
      written = false;
    }
    return next;
  }

  /** Epochs from the first on, without a gap. */
  List<EpochMetrics> epochs() {
    return List.copyOf(epochs);
  }

  /** Whether epochs have come since this was last asked. */
  boolean takeUnwritten() {
    boolean unwritten = !written;
    written = true;
    return unwritten;
  }

  /**
   * Its executor was lost.
   *
   * @param position of its newest checkpoint
   * @param alone whether no other trial was in it
   */
  void lost(String position, boolean alone) {
    cameTo(position);
    if (alone) {
      lossesAlone++;
    } else {
      lossesShared++;
    }
  }

  /**
   * Its task has failed.
   *
   * @param position of its newest checkpoint
   * @return how often it has without having come further
   */
  int failed(String position) {
    cameTo(position);
    return ++failures;
  }

  private void cameTo(String position) {
    if (!wasLostAt(position)) {
      lostAt = position;
      lossesAlone = 0;
      lossesShared = 0;
      failures = 0;
    }
  }

  /** Whether it had come just so far when it was last lost. */
  boolean wasLostAt(String position) {
    return position.equals(lostAt);
  }

  /** How often it was lost without having come further. */
  int losses() {
    return lossesAlone + lossesShared;
  }

  /** Whether it may have killed the executors that it shared with other trials. */
  boolean isSuspect() {
    return lossesShared > MAX_LOSSES_SHARED;
  }

  /** Whether it lost another executor together with others although it was the only suspect. */
  boolean mustRunAlone() {
    return lossesShared > MAX_LOSSES_SHARED + 1;
  }

  /** Whether it has killed too many executors to be retried. */
  boolean exceedsLosses() {
    return lossesAlone >= MAX_LOSSES_ALONE;
  }
}
