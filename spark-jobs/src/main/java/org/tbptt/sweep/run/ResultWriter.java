package org.tbptt.sweep.run;

import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.toSet;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/** Writes what trials give to the tables, some of them at a time. */
final class ResultWriter {

  // Trials that end one soon after the other share files; a kill -9 can cost so much of their time.
  private static final long WRITE_ENDED_EVERY = TimeUnit.MILLISECONDS.toNanos(500);
  // In an object store each file costs requests when it is written, read and merged.
  private static final long STORE_ENDED_EVERY = TimeUnit.SECONDS.toNanos(4);
  // A reader in another shell is so far behind at most; a file system is asked no more often.
  private static final long WRITE_RUNNING_EVERY = TimeUnit.SECONDS.toNanos(2);
  // A file per trial: thousands of running trials have to take turns.
  private static final long WRITE_RUNNING_FOR = TimeUnit.MILLISECONDS.toNanos(100);

  // Trials that go on report at the same moment; each has a file to write.
  private static final int REPLACED_AT_ONCE = 50;

  private final String sweep;
  private final ResultsStore results;
  private final Set<String> old;
  private final SweepLock lock;
  private final ModelKeeper models;
  private final TrialQueue queue;
  private final Rungs rungs;
  private final Consumer<SweepEvent> events;
  private final LongSupplier clock;

  private final long writeEndedEvery;
  private final Map<PlannedTrial, TrialResult> ended = new LinkedHashMap<>();
  private final Map<TrialStatus, Integer> endings = new EnumMap<>(TrialStatus.class);
  private final Set<String> cleared = new HashSet<>(); // trials without checkpoints
  private int finished;
  private int compacted;
  private int verdictsWritten;
  private long verdictsDue;
  private long endedWritten;
  private long runningWritten;
  private long replaceDue;

  /**
   * @param old trials with rows of earlier runs, which stay until there are new ones
   * @param queue has the trials that have not ended
   * @param rungs the verdicts, of which those that there are now have been written
   * @param events told of each trial that has ended and is written
   */
  ResultWriter(
      String sweep,
      ResultsStore results,
      Set<String> old,
      SweepLock lock,
      ModelKeeper models,
      TrialQueue queue,
      Rungs rungs,
      Consumer<SweepEvent> events) {
    this(sweep, results, old, lock, models, queue, rungs, events, System::nanoTime);
  }

  ResultWriter(
      String sweep,
      ResultsStore results,
      Set<String> old,
      SweepLock lock,
      ModelKeeper models,
      TrialQueue queue,
      Rungs rungs,
      Consumer<SweepEvent> events,
      LongSupplier clock) {
    this.sweep = sweep;
    this.results = results;
    this.old = new HashSet<>(old);
    this.writeEndedEvery = results.inObjectStore() ? STORE_ENDED_EVERY : WRITE_ENDED_EVERY;
    this.lock = lock;
    this.models = models;
    this.queue = queue;
    this.rungs = rungs;
    this.verdictsWritten = rungs.size();
    this.events = events;
    this.clock = clock;
    this.runningWritten = clock.getAsLong();
    this.replaceDue = runningWritten;
    this.endedWritten = runningWritten;
  }

  void add(PlannedTrial trial, TrialResult result) {
    ended.put(trial, result);
  }

  /** How many that are written ended in which way. */
  Map<TrialStatus, Integer> endings() {
    return endings;
  }

  /** What it is time for. */
  void write() {
    long now = clock.getAsLong();
    if (queue.isDone() || now - endedWritten >= writeEndedEvery) {
      writeEnded();
    }
    if (now - runningWritten >= WRITE_RUNNING_EVERY) {
      writeRunning(WRITE_RUNNING_FOR);
      runningWritten = clock.getAsLong();
    }
    if (queue.isDone() || now - verdictsDue >= 0) {
      writeVerdicts();
    }
  }

  void writeEnded() {
    if (ended.isEmpty()) {
      return;
    }
    if (ended.values().stream()
        .anyMatch(result -> result.outcome().status() == TrialStatus.STOPPED)) {
      // First, so that what stopped a trial is known wherever its row is.
      writeRunning(Long.MAX_VALUE);
    }
    removeOld(ended.keySet().stream());
    results.append(List.copyOf(ended.values()));
    ended.forEach(this::written);
    ended.clear();
    endedWritten = clock.getAsLong();
    if (finished - compacted >= ResultsStore.FILES_TO_MERGE || queue.isDone()) {
      results.compact(
          sweep, queue.trials().stream().map(trial -> trial.trial().id()).collect(toSet()));
      compacted = finished;
    }
  }

  private void written(PlannedTrial trial, TrialResult result) {
    finished++;
    lock.check(); // else models and checkpoints are those of another driver's attempts
    models.ended(result);
    if (result.outcome().status() == TrialStatus.STOPPED) {
      results.keepNewestCheckpoint(sweep, result.trialId());
    } else {
      results.deleteCheckpoints(sweep, result.trialId());
      cleared.add(result.trialId());
    }
    endings.merge(result.outcome().status(), 1, Integer::sum);
    events.accept(new SweepEvent.TrialFinished(trial, result, finished));
  }

  /** Once more, for a twin of a trial that has ended may have written since. */
  void deleteCheckpoints() {
    results.deleteCheckpoints(sweep, cleared);
  }

  private void removeOld(Stream<PlannedTrial> replaced) {
    Set<String> ids = replaced.map(PlannedTrial::id).filter(old::remove).collect(toSet());
    results.remove(sweep, ids);
  }

  /** All of them in one file: the more there are, the more rarely. */
  void writeVerdicts() {
    if (rungs.size() == verdictsWritten) {
      return;
    }
    long from = clock.getAsLong();
    results.putRungs(sweep, rungs.rows());
    verdictsWritten = rungs.size();
    long to = clock.getAsLong();
    verdictsDue = to + Math.max(WRITE_RUNNING_EVERY, 50 * (to - from));
  }

  /**
   * What has come of trials that have not ended, the oldest first.
   *
   * @param nanoseconds after which the rest is left for the next time
   */
  private void writeRunning(long nanoseconds) {
    lock.check();
    long start = clock.getAsLong();
    List<RunningTrial> news =
        queue.trials().stream()
            .filter(RunningTrial::hasNews)
            .sorted(comparingLong(RunningTrial::newsSince))
            .toList();
    for (RunningTrial trial : news) {
      if (clock.getAsLong() - start >= nanoseconds) {
        break;
      }
      if (!old.contains(trial.trial().id())) {
        write(trial);
      }
    }
    boolean all = nanoseconds == Long.MAX_VALUE;
    if (all || start - replaceDue >= 0) {
      replaceOld(
          news.stream()
              .filter(trial -> old.contains(trial.trial().id()))
              .limit(all ? news.size() : REPLACED_AT_ONCE)
              .toList());
    }
  }

  /** The rows of several trials are taken out together: that may write whole tables anew. */
  private void replaceOld(List<RunningTrial> trials) {
    long from = clock.getAsLong();
    removeOld(trials.stream().map(RunningTrial::trial));
    trials.forEach(this::write);
    long to = clock.getAsLong();
    replaceDue = to + 20 * (to - from);
  }

  private void write(RunningTrial trial) {
    results.appendEpochs(sweep, trial.trial().id(), trial.epochs());
    trial.written();
  }
}
