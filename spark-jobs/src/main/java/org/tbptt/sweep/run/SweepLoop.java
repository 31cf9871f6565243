package org.tbptt.sweep.run;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.stopping.Decision;

/**
 * The driver's loop: keeps every slot busy with what its source proposes. Whatever happens on other
 * threads comes into a mailbox; all that is known of trials and all writing belongs to the thread
 * that calls {@link #run}.
 */
final class SweepLoop {

  private static final Logger LOG = LoggerFactory.getLogger(SweepLoop.class);

  private static final long REST_PER_TRIAL = 10; // microseconds
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(1);
  // A twin that is still there is on a slow machine.
  private static final Duration TWINS_END_WITHIN = Duration.ofMinutes(1);

  private final String sweep;
  private final String corpusId;
  private final TrialSource source;
  private final ResultsStore results;
  private final Cluster cluster;
  private final Consumer<SweepEvent> events;

  private final BlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final TrialQueue queue;
  private final Rungs rungs;
  private final ResultWriter writer;
  private final ExecutorWatch executors;

  /**
   * Over trials of which nothing is running yet.
   *
   * @param old as in {@link ResultWriter}
   */
  SweepLoop(
      Plan plan,
      TrialSource source,
      ResultsStore results,
      Set<String> old,
      Cluster cluster,
      Rungs rungs,
      SweepLock lock,
      ModelKeeper models,
      Consumer<SweepEvent> events) {
    this.sweep = plan.config().name();
    this.corpusId = plan.corpus().id();
    this.source = source;
    this.results = results;
    this.cluster = cluster;
    this.events = events;
    this.rungs = rungs;
    this.queue = new TrialQueue(source, begun(plan.doneIds()), events, this::giveUp);
    this.writer = new ResultWriter(sweep, results, old, lock, models, queue, rungs, events);
    this.executors = cluster.executors();
  }

  /**
   * Trains until the source is finished.
   *
   * @return how many ended in which way
   * @throws InterruptedException if the thread is interrupted; what has ended by then is written
   */
  Map<TrialStatus, Integer> run() throws InterruptedException {
    SweepPlugin.listen(event -> mailbox.add(() -> heard(event)));
    Duration patience = STOPPED_WITHIN;
    try {
      while (!queue.isDone()) {
        submit();
        await();
        executors
            .watch(cluster.slots(), System.nanoTime())
            .ifPresent(reason -> events.accept(new SweepEvent.NoExecutor(reason)));
        writer.write();
      }
      patience = TWINS_END_WITHIN;
    } catch (InterruptedException stopped) {
      drain();
      writer.writeEnded();
      writer.writeVerdicts();
      results.deleteReplaced(sweep);
      throw stopped;
    } finally {
      SweepPlugin.removeListener();
      cluster.cancelAll(patience);
    }
    writer.deleteCheckpoints();
    results.deleteReplaced(sweep); // after a failure, the next driver does that
    source.shortfall().ifPresent(why -> events.accept(new SweepEvent.EndedEarly(why)));
    return writer.endings();
  }

  private void submit() {
    queue.judge(System.nanoTime());
    queue.atRung().forEach(this::judge);
    int wanted = cluster.wanted();
    for (Optional<RunningTrial> next = queue.next(wanted);
        next.isPresent();
        next = queue.next(wanted)) {
      submit(next.get());
    }
  }

  private void submit(RunningTrial trial) {
    rungs.enter(trial.trial());
    cluster.submit(
        new Submission(trial.trial(), rungs.limits(trial.trial())),
        result -> mailbox.add(() -> ended(result)),
        failure -> mailbox.add(() -> lost(trial, failure)));
  }

  private void await() throws InterruptedException {
    Runnable first = mailbox.poll(1, TimeUnit.SECONDS);
    if (first != null) {
      first.run(); // before the rest, which an interrupt may end
      // A turn looks at every trial: the more there are, the fewer turns.
      TimeUnit.MICROSECONDS.sleep(REST_PER_TRIAL * queue.trials().size());
      drain();
    }
  }

  private void drain() {
    for (Runnable next = mailbox.poll(); next != null; next = mailbox.poll()) {
      next.run();
    }
  }

  private void heard(SweepEvent.OfTrial event) {
    queue
        .find(event.trial().id()) // else it is a twin of one that has ended
        .filter(trial -> trial.heard(event))
        .ifPresent(
            trial -> {
              if (event instanceof SweepEvent.EpochFinished epoch) {
                rungs.reached(epoch.trial().id(), List.of(epoch.metrics()));
              } else if (event instanceof SweepEvent.TrialStarted begun) {
                rungs.reached(begun.trial().id(), begun.before());
              }
              if (trial.retry().state() != RetryState.State.AT_RUNG) { // else it comes late
                events.accept(event);
              }
            });
  }

  private void ended(TrialResult result) {
    if (result.outcome().status() == TrialStatus.STOPPED) {
      queue.find(result.trialId()).ifPresent(trial -> atRung(trial, result));
    } else {
      queue.end(result.trialId()).ifPresent(trial -> ended(trial, result));
    }
  }

  private void ended(RunningTrial trial, TrialResult result) {
    TrialResult counted = trial.counted(result);
    rungs.reached(counted.trialId(), counted.outcome().epochs());
    if (counted.outcome().status() != TrialStatus.STOPPED) {
      rungs.ended(counted.trialId());
    }
    writer.add(trial.trial(), counted);
    source.ended(TrialEnding.of(counted));
  }

  /** A trial has left its slot, with a checkpoint. */
  private void atRung(RunningTrial trial, TrialResult result) {
    trial.reachRung(result);
    rungs.reached(result.trialId(), result.outcome().epochs());
    if (rungs.stop(result.trialId()).isEmpty()) {
      boolean waits = !rungs.isDecided(result.trialId());
      events.accept(new SweepEvent.TrialPaused(trial.trial(), trial.rungEpochs(), waits));
    }
  }

  private void judge(RunningTrial trial) {
    String id = trial.trial().id();
    Optional<Decision> stop = rungs.stop(id);
    if (stop.isPresent()) {
      TrialResult result = trial.atRung();
      queue.end(id);
      ended(trial, result.withOutcome(result.outcome().because(stop.get().reason())));
    } else if (rungs.isDecided(id)) {
      trial.retry().leaveRung();
    }
  }

  /** Spark has given up on a task: its executor is gone, or could not do it. */
  private void lost(RunningTrial trial, Throwable failure) {
    try {
      requireRunnable(failure);
    } catch (RuntimeException end) {
      writer.writeEnded();
      throw end;
    }
    String reason = TrialJobs.reasonOf(failure);
    String position = checkpoint(trial.trial());
    long now = System.nanoTime();
    TrialJobs.lostExecutor(failure)
        .ifPresentOrElse(
            executor -> queue.lost(trial, position, new RetryState.Loss(executor, reason, now)),
            () -> queue.failed(trial, position, reason, now));
  }

  /** Makes sure that other trials can be run. */
  private void requireRunnable(Throwable failure) {
    cluster.requireAlive(failure);
    if (failure.getCause() instanceof InvalidConfException unusable) {
      throw unusable;
    }
  }

  private void giveUp(RunningTrial trial, String reason) {
    ended(
        new TrialResult(
            sweep,
            trial.trial().id(),
            corpusId,
            trial.trial().spec(),
            TrialOutcome.failed(
                reason, trial.trial().spec().training().engine().wanted(), trial.submitted()),
            trial.attempt(),
            cluster.threads(),
            trial.host(),
            cluster.codeVersion()));
  }

  private Map<String, KeptProgress> begun(Set<String> done) {
    try {
      return KeptProgress.ofAll(results.checkpoints(sweep), done, results.hadoop());
    } catch (IOException unreadable) {
      LOG.debug("trials go by their length alone", unreadable);
      return Map.of();
    }
  }

  /** The position of the newest one. */
  private String checkpoint(PlannedTrial trial) {
    try {
      return KeptProgress.of(new Path(results.checkpoints(sweep), trial.id()), results.hadoop())
          .position();
    } catch (IOException unreadable) {
      return "";
    }
  }
}
