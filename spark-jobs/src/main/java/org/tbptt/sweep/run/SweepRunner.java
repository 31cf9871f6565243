package org.tbptt.sweep.run;

import static java.util.stream.Collectors.toSet;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialRung;

/**
 * The driver's side of a sweep. Each trial is a Spark job of one task; as many are under way as
 * there are slots, and each result is written when it comes.
 */
public final class SweepRunner {

  /** How often at most a trial is kept inside an epoch, unless told otherwise. */
  public static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(60);

  private final JavaSparkContext spark;
  private final ResultsStore results;
  private final Duration checkpointInterval;
  private final String codeVersion;
  private final Function<TrialTask, Cluster> cluster;

  /** Keeps a checkpoint a minute. */
  public SweepRunner(JavaSparkContext spark, ResultsStore results, String codeVersion) {
    this(spark, results, CHECKPOINT_INTERVAL, codeVersion);
  }

  /**
   * @param checkpointInterval how often at most a trial is kept inside an epoch
   */
  public SweepRunner(
      JavaSparkContext spark,
      ResultsStore results,
      Duration checkpointInterval,
      String codeVersion) {
    this(
        spark,
        results,
        checkpointInterval,
        codeVersion,
        task -> new TrialJobs(spark, task, codeVersion));
  }

  /**
   * @param cluster what runs a task
   */
  SweepRunner(
      JavaSparkContext spark,
      ResultsStore results,
      Duration checkpointInterval,
      String codeVersion,
      Function<TrialTask, Cluster> cluster) {
    this.spark = spark;
    this.results = results;
    this.checkpointInterval = checkpointInterval;
    this.codeVersion = codeVersion;
    this.cluster = cluster;
  }

  /**
   * Trains what is missing and writes it to the tables.
   *
   * @param events told of what happens, on this thread
   * @return how many of the trials trained now ended in which way
   * @throws InterruptedException if the thread is interrupted; running trials are cancelled and can
   *     be gone on with
   * @throws org.tbptt.sweep.results.ResultsException if the tables cannot be written
   * @throws SweepException if another driver runs this sweep, or Spark is gone
   * @throws org.tbptt.sweep.config.InvalidConfException if the trials need more memory than there
   *     is, and nothing has been changed then; or if an executor does not see the results
   */
  public Map<TrialStatus, Integer> run(Plan planned, Consumer<SweepEvent> events)
      throws InterruptedException {
    TrialMemory.require(planned, spark); // before anything is written
    String sweep = planned.config().name();
    try (SweepLock lock = SweepLock.take(results.lockFile(sweep), sweep, results.hadoop())) {
      ResultsStore fenced = results.fencedBy(lock::check, lock.token());
      List<String> damaged = fenced.prepare(sweep);
      Plan plan = planned.asOf(fenced); // another driver may have been here meanwhile
      if (!plan.doneIds().equals(planned.doneIds())) {
        TrialMemory.require(plan, spark); // what has lost rows is missing, too
      }
      List<PlannedTrial> missing = plan.missing();
      int slots = TrialJobs.followsDemand(spark) ? 0 : Math.min(slots(spark), plan.toDo());
      Set<String> ended = new HashSet<>(plan.doneIds());
      ended.removeAll(results.trialIds(sweep, EnumSet.of(TrialStatus.STOPPED)));
      KeepModels keep = plan.config().keepModels();
      ModelKeeper keeper = new ModelKeeper(keep, results.models(), sweep);
      keeper.resume(results.bestEpochs(sweep), plan.doneIds());
      fenced.deleteCheckpoints(sweep, ended); // one that was stopped may go on some day
      StoredTrials stored = plan.stored(fenced);
      Rungs rungs = plan.rungs(stored);
      List<TrialRung> verdicts = fenced.rungs(sweep);
      if (!rungs.rows().equals(verdicts)) {
        fenced.putRungs(sweep, rungs.rows());
      }
      Set<String> old = withRows(plan);
      Set<String> halfWritten = new HashSet<>(old); // by a driver that was killed
      halfWritten.removeAll(stored.endings().keySet());
      fenced.remove(sweep, halfWritten);
      old.removeAll(halfWritten);
      Instant started = Instant.now();
      fenced.describe(describe(plan, started));
      CorpusBaselines.store(plan, fenced);
      events.accept(new SweepEvent.SweepStarted(plan, slots)); // the tables are as they should be
      damaged.forEach(line -> events.accept(new SweepEvent.FileSetAside(line)));
      rungs.compare(verdicts).ifPresent(events);
      CorpusBaselines.problem(plan)
          .ifPresent(reason -> events.accept(new SweepEvent.NoBaselines(reason)));
      TrialSource source = plan.missing(plan.config().budget(), trial -> stored.tell(trial, rungs));
      if (missing.isEmpty() && source.isFinished()) {
        source.shortfall().ifPresent(why -> events.accept(new SweepEvent.EndedEarly(why)));
        return Map.of();
      }
      Map<TrialStatus, Integer> endings =
          train(plan, source, fenced, old, rungs, lock, keeper, events);
      if (!plan.config().search().isGrid()) {
        fenced.describe(describe(plan, started)); // now its candidates are known
      }
      return endings;
    }
  }

  /** Trials that have rows, are not done, and are or may become trials of the plan. */
  private Set<String> withRows(Plan plan) {
    Set<String> missing = plan.missing().stream().map(PlannedTrial::id).collect(toSet());
    boolean isGrid = plan.config().search().isGrid();
    if (isGrid && missing.isEmpty()) {
      return missing;
    }
    Set<String> ids = results.idsWithRows(plan.config().name());
    ids.removeIf(id -> isGrid ? !missing.contains(id) : plan.doneIds().contains(id));
    return ids;
  }

  private Map<TrialStatus, Integer> train(
      Plan plan,
      TrialSource source,
      ResultsStore fenced,
      Set<String> old,
      Rungs rungs,
      SweepLock lock,
      ModelKeeper keeper,
      Consumer<SweepEvent> events)
      throws InterruptedException {
    String sweep = plan.config().name();
    Broadcast<TrialTask.SharedInputs> shared =
        spark.broadcast(
            new TrialTask.SharedInputs(
                SharedCorpus.of(plan.corpus(), spark.isLocal()),
                new SerializableConfiguration(results.hadoop()),
                plan.config().keepModels()));
    TrialTask task =
        new TrialTask(
            sweep, shared, SweepPaths.of(results, sweep), checkpointInterval, codeVersion);
    Cluster trials = cluster.apply(task);
    try {
      return new SweepLoop(plan, source, fenced, old, trials, rungs, lock, keeper, events).run();
    } finally {
      if (!spark.sc().isStopped()) { // then it has ended, too
        shared.destroy();
      }
    }
  }

  /** Trials that can train at the same time, on the executors that there are now; 0 if none is. */
  public static int slots(JavaSparkContext spark) {
    return TrialJobs.slots(spark);
  }

  /** Threads that compute a trial together. */
  public static int threads(JavaSparkContext spark) {
    return TrialJobs.threads(spark);
  }

  private SweepRecord describe(Plan plan, Instant started) {
    Corpus corpus = plan.corpus();
    return new SweepRecord(
        plan.config().name(),
        plan.config().json(),
        corpus.id(),
        corpus.vocabulary().size(),
        corpus.train().tokens(),
        corpus.valid().tokens(),
        corpus.test().tokens(),
        trialsOfAllGrids(plan),
        codeVersion,
        spark.version(),
        started);
  }

  /** Those of the plan, and those that the tables have from when the sweep had another grid. */
  private int trialsOfAllGrids(Plan planned) {
    Plan plan = planned.config().search().isGrid() ? planned : planned.withoutRetries(results);
    Set<String> ids = results.trialIds(plan.config().name(), EnumSet.allOf(TrialStatus.class));
    plan.trials().forEach(trial -> ids.add(trial.id()));
    return ids.size() + plan.total() - plan.trials().size();
  }
}
