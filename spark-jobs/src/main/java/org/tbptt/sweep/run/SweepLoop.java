package org.tbptt.sweep.run;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/**
 * The driver's loop: keeps every slot busy, writes what comes. Whatever happens on other threads
 * comes into a mailbox; all that is known of trials and all writing belongs to the thread that
 * calls {@link #run}.
 */
final class SweepLoop {

  // Trials that end one soon after the other share files; a kill -9 can cost so much of their time.
  private static final long WRITE_ENDED_EVERY = TimeUnit.MILLISECONDS.toNanos(500);
  // A reader in another shell is so far behind at most; a file system is asked no more often.
  private static final long WRITE_RUNNING_EVERY = TimeUnit.SECONDS.toNanos(2);

  private static final Logger LOG = LoggerFactory.getLogger(SweepLoop.class);
  // Starts without a new checkpoint after which a trial is trained last.
  private static final int ATTEMPTS_IN_VAIN = 3;

  private final Plan plan;
  private final ResultsStore results;
  private final TrialJobs jobs;
  private final SweepLock lock;
  private final ModelKeeper models;
  private final Consumer<SweepEvent> events;

  private final BlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final Deque<PlannedTrial> waiting;
  private final Map<String, RunningTrial> running = new HashMap<>();
  private final LostTrials lost;
  private final ExecutorWatch executors;
  private final Map<PlannedTrial, TrialResult> ended = new LinkedHashMap<>();
  private final Map<TrialStatus, Integer> endings = new EnumMap<>(TrialStatus.class);
  private final int missing;
  private int finished;
  private int compacted;
  private long endedWritten = System.nanoTime();
  private long runningWritten = System.nanoTime();

  SweepLoop(
      Plan plan,
      ResultsStore results,
      TrialJobs jobs,
      SweepLock lock,
      ModelKeeper models,
      Consumer<SweepEvent> events) {
    this.plan = plan;
    this.results = results;
    this.jobs = jobs;
    this.lock = lock;
    this.models = models;
    this.events = events;
    this.lost = new LostTrials(events, this::giveUp);
    this.waiting = new ArrayDeque<>(plan.missing());
    this.missing = waiting.size();
    this.executors = jobs.executors();
  }

  /**
   * Trains what is missing.
   *
   * @return how many ended in which way
   * @throws InterruptedException if the thread is interrupted; what has ended by then is written
   */
  Map<TrialStatus, Integer> run() throws InterruptedException {
    deferTrialsThatDriversDiedOf();
    SweepPlugin.listen(event -> mailbox.add(() -> heard(event)));
    try {
      while (finished < missing) {
        submit();
        await();
        executors
            .watch(jobs.slots(), System.nanoTime())
            .ifPresent(reason -> events.accept(new SweepEvent.NoExecutor(reason)));
        write();
      }
    } catch (InterruptedException stopped) {
      drain();
      writeEnded();
      results.deleteReplaced(plan.config().name());
      throw stopped;
    } finally {
      SweepPlugin.removeListener();
    }
    results.deleteReplaced(plan.config().name()); // after a failure, the next driver does that
    return endings;
  }

  /**
   * Moves trials to the end that earlier drivers have started without reaching another checkpoint.
   * On a local master such a trial may be what killed them.
   */
  private void deferTrialsThatDriversDiedOf() {
    Map<String, KeptProgress> begun = begun();
    for (PlannedTrial trial : List.copyOf(waiting)) {
      int inVain = begun.getOrDefault(trial.id(), KeptProgress.NONE).startsInVain();
      if (inVain >= ATTEMPTS_IN_VAIN) {
        waiting.remove(trial);
        waiting.add(trial);
        events.accept(new SweepEvent.TrialDeferred(trial, inVain));
      }
    }
  }

  private Map<String, KeptProgress> begun() {
    try {
      return KeptProgress.ofAll(results.checkpoints(plan.config().name()), results.hadoop());
    } catch (IOException unreadable) {
      LOG.debug("trials go by their length alone", unreadable);
      return Map.of();
    }
  }

  private void submit() {
    lost.judge(System.nanoTime());
    for (Optional<RunningTrial> again = again(); again.isPresent(); again = again()) {
      submit(again.get());
    }
    while (!waiting.isEmpty() && underWay() < jobs.wanted()) {
      PlannedTrial trial = waiting.poll();
      submit(running.computeIfAbsent(trial.id(), id -> new RunningTrial(trial)));
    }
  }

  private Optional<RunningTrial> again() {
    return lost.next(underWay(), !waiting.isEmpty());
  }

  private int underWay() {
    return running.size() - lost.size();
  }

  private void submit(RunningTrial trial) {
    jobs.submit(
        trial.trial(),
        result -> mailbox.add(() -> ended(result)),
        failure -> mailbox.add(() -> lost(trial, failure)));
  }

  private void await() throws InterruptedException {
    Runnable first = mailbox.poll(1, TimeUnit.SECONDS);
    if (first != null) {
      first.run();
      drain();
    }
  }

  private void drain() {
    for (Runnable next = mailbox.poll(); next != null; next = mailbox.poll()) {
      next.run();
    }
  }

  private void heard(SweepEvent.OfTrial event) {
    RunningTrial trial = running.get(event.trial().id());
    if (trial != null && trial.heard(event)) { // else it is a twin of one that has ended
      events.accept(event);
    }
  }

  private void ended(TrialResult result) {
    RunningTrial trial = running.remove(result.trialId());
    if (trial != null) {
      lost.ended(trial);
      ended.put(trial.trial(), trial.counted(result));
    }
  }

  /** Spark has given up on a task: its executor is gone, or could not do it. */
  private void lost(RunningTrial trial, Throwable failure) {
    writeEnded(); // they are safe, should this be the sweep's end
    jobs.requireSpark(failure);
    if (failure.getCause() instanceof InvalidConfException unusable) {
      throw unusable; // nor could the others be run
    }
    String reason = TrialJobs.reasonOf(failure);
    String position = checkpoint(trial);
    long now = System.nanoTime();
    TrialJobs.lostExecutor(failure)
        .ifPresentOrElse(
            executor -> lost.lost(trial, executor, position, reason, now),
            () -> lost.failed(trial, position, reason, now));
  }

  private void giveUp(RunningTrial trial, String reason) {
    ended(
        new TrialResult(
            plan.config().name(),
            trial.trial().id(),
            plan.corpus().id(),
            trial.trial().spec(),
            TrialOutcome.failed(reason, trial.submitted()),
            trial.attempt(),
            jobs.threads(),
            trial.host(),
            jobs.codeVersion()));
  }

  /** The position of its newest one. */
  private String checkpoint(RunningTrial trial) {
    Path folder = new Path(results.checkpoints(plan.config().name()), trial.trial().id());
    try {
      return KeptProgress.of(folder, results.hadoop()).position();
    } catch (IOException unreadable) {
      return "";
    }
  }

  private void write() {
    boolean last = waiting.isEmpty() && running.isEmpty();
    if (last || System.nanoTime() - endedWritten >= WRITE_ENDED_EVERY) {
      writeEnded();
    }
    if (System.nanoTime() - runningWritten >= WRITE_RUNNING_EVERY) {
      writeRunning();
      lost.watch(this::checkpoint);
      runningWritten = System.nanoTime();
    }
  }

  private void writeEnded() {
    if (ended.isEmpty()) {
      return;
    }
    results.append(List.copyOf(ended.values()));
    ended.forEach(this::written);
    ended.clear();
    endedWritten = System.nanoTime();
    if (finished - compacted >= ResultsStore.FILES_TO_MERGE || finished == missing) {
      results.compact(plan.config().name(), running.keySet());
      compacted = finished;
    }
  }

  private void written(PlannedTrial trial, TrialResult result) {
    finished++;
    lock.check(); // else models and checkpoints are those of another driver's attempts
    models.ended(result);
    results.deleteCheckpoints(result.sweep(), result.trialId());
    endings.merge(result.outcome().status(), 1, Integer::sum);
    events.accept(new SweepEvent.TrialFinished(trial, result, finished));
  }

  private void writeRunning() {
    lock.check();
    for (RunningTrial trial : running.values()) {
      if (trial.takeUnwritten()) {
        results.appendEpochs(plan.config().name(), trial.trial().id(), trial.epochs());
      }
    }
  }
}
