package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.baseline.Baseline;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialStatus;

/**
 * All that is kept of all sweeps under one URI of any file system that Hadoop knows. A trial's rows
 * are in files named by its id or by that of a trial that ended with it, until {@link #compact}
 * gathers them. One writer at a time and any number of readers.
 */
public final class ResultsStore {

  /** From so many files on, {@link #compact} has something to do. */
  public static final int FILES_TO_MERGE = Compaction.FILES;

  private final SparkSession spark;
  private final Layout layout;
  private final Configuration hadoop;
  private final TrialTables trials;
  private final StoredTable<TrialRung> rungs;
  private final StoredTable<TestLoss> testLosses;
  private final StoredTable<CorpusBaseline> baselines;
  private final StoredTable<SweepRecord> sweeps;
  private final CheckpointStore checkpoints;
  private final ModelStore models;
  private Dataset<Row> cachedTrials;

  /**
   * Opens the results, of which there may be none yet.
   *
   * @param uri where they are or will be; a plain path is a local one unless Hadoop's configuration
   *     says otherwise
   * @throws ResultsException if there is something else than a folder
   */
  public ResultsStore(SparkSession spark, String uri) {
    this(spark, Layout.at(uri, spark.sparkContext().hadoopConfiguration()), () -> {}, "");
  }

  private ResultsStore(SparkSession spark, Layout layout, Runnable fence, String mark) {
    this.spark = spark;
    this.layout = layout;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.trials =
        new TrialTables(
            new StoredTable<>(Tables.TRIALS, layout, hadoop, fence, mark),
            new StoredTable<>(Tables.EPOCHS, layout, hadoop, fence, mark),
            new StoredTable<>(Tables.LAGS, layout, hadoop, fence, mark),
            new StoredTable<>(Tables.BIAS, layout, hadoop, fence, mark));
    this.rungs = new StoredTable<>(Tables.RUNGS, layout, hadoop, fence);
    this.testLosses = new StoredTable<>(Tables.TEST_LOSSES, layout, hadoop, fence);
    this.baselines = new StoredTable<>(Tables.BASELINES, layout, hadoop, fence);
    this.sweeps = new StoredTable<>(Tables.SWEEPS, layout, hadoop, fence);
    this.checkpoints = new CheckpointStore(layout, hadoop, fence);
    this.models = new ModelStore(layout, hadoop);
  }

  /**
   * The same results for a driver that another one may take over from.
   *
   * @param fence runs before a file that was written takes its name, and before one goes; what it
   *     throws when another driver has taken over keeps that from happening
   * @param token of this driver alone: in an object store it ends the names of its files, so that a
   *     driver that is late cannot replace those of its successor
   */
  public ResultsStore fencedBy(Runnable fence, String token) {
    return new ResultsStore(spark, layout, fence, inObjectStore() ? "-" + token : "");
  }

  /** Whether they are in an object store, which has no atomic rename. */
  public boolean inObjectStore() {
    try {
      return AtomicFile.isInObjectStore(layout.root(), hadoop);
    } catch (IOException unknown) {
      throw new ResultsException("--results " + this + ": " + unknown.getMessage(), unknown);
    }
  }

  /** Whether any table has been written. */
  public boolean exists() {
    return tables().stream().anyMatch(StoredTable::exists);
  }

  /**
   * Makes a sweep's tables ready to be added to: ends what a writer that was killed has begun, and
   * sets files aside that are cut off. Trials that have lost rows count as missing from then on.
   *
   * @return a line for each file that was set aside
   */
  public List<String> prepare(String sweep) {
    try {
      return trials.prepare(sweep);
    } catch (IOException refused) {
      throw new ResultsException(
          "cannot prepare the tables in %s: %s".formatted(this, refused.getMessage()), refused);
    }
  }

  /** One finished trial. */
  public void append(TrialResult result) {
    append(List.of(result));
  }

  /**
   * Finished trials of one sweep: what belongs to them first, so that a row in trials means that
   * all of it is there. They share a file of each table, but for the epochs of those that had some
   * written while they ran. What a writer that was killed has left of them is taken out by {@link
   * #remove}.
   */
  public void append(List<TrialResult> results) {
    trials.append(results);
  }

  /**
   * All epochs that a trial has had so far, in place of those that were written before.
   *
   * @param epochs from the first on
   */
  public void appendEpochs(String sweep, String trialId, List<EpochMetrics> epochs) {
    trials.appendEpochs(sweep, trialId, epochs);
  }

  /** Takes all rows of these trials out of the sweep's tables. */
  public void remove(String sweep, Set<String> trialIds) {
    if (!trialIds.isEmpty()) {
      testLosses.removeFiles(sweep, trialIds);
      trials.all().forEach(table -> table.remove(sweep, trialIds));
    }
  }

  /**
   * Merges a sweep's files where they have become many. Readers see every row once meanwhile: what
   * is replaced stays until the next time, or until {@link #deleteReplaced}.
   *
   * @param running trials that have not ended, whose files are left alone
   */
  public void compact(String sweep, Set<String> running) {
    trials.all().forEach(table -> table.compact(sweep, running));
  }

  /** Deletes the files that others have replaced, at the end of a sweep. */
  public void deleteReplaced(String sweep) {
    trials.all().forEach(table -> table.deleteReplaced(sweep));
  }

  /** What a trial's model gave, in place of what it gave before; no other row is touched. */
  public void put(TestLoss loss) {
    testLosses.write(loss.sweep(), loss.trialId(), List.of(loss));
  }

  /** What the sweep was told, in place of what it was told before. */
  public void describe(SweepRecord record) {
    sweeps.write(record.sweep(), "sweep", List.of(record));
  }

  /**
   * The baselines of a sweep's corpus, in the order in which they were written; none if there are
   * none.
   */
  public List<Baseline> baselines(String sweep, String corpusId) {
    return baselines.read(
        sweep,
        row ->
            Optional.of(row)
                .filter(of -> of.getString("corpus_id", 0).equals(corpusId))
                .map(CorpusBaseline::of));
  }

  /** Writes the baselines of a sweep's corpus. */
  public void putBaselines(String sweep, String corpusId, List<Baseline> models) {
    List<CorpusBaseline> rows =
        models.stream().map(model -> new CorpusBaseline(sweep, corpusId, model)).toList();
    baselines.write(sweep, corpusId, rows);
  }

  /** All verdicts on the sweep's trials, in place of those that were written before. */
  public void putRungs(String sweep, List<TrialRung> verdicts) {
    rungs.write(sweep, "rungs", verdicts);
  }

  /** The verdicts that are in the tables, in the order in which they were written. */
  public List<TrialRung> rungs(String sweep) {
    return rungs.read(sweep, row -> Optional.of(TrialRung.of(row)));
  }

  /**
   * The validation losses of the sweep's trials after each epoch from the first, nats per token, by
   * trials' ids; NaN where one is not finite. Those of trials that have not ended are among them.
   */
  public Map<String, double[]> validLosses(String sweep) {
    return trials.validLosses(sweep);
  }

  /** How the sweep's trials have ended, by their ids. */
  public Map<String, TrialEnding> endings(String sweep) {
    Map<String, TrialEnding> endings = new HashMap<>();
    trials
        .trials()
        .read(sweep, TrialEnding.COLUMNS, row -> Optional.of(TrialEnding.of(row)))
        .forEach(each -> endings.put(each.trialId(), each));
    return endings;
  }

  /** The ids of all trials that have rows in a table, also of those that have not ended. */
  public Set<String> idsWithRows(String sweep) {
    return trials.idsWithRows(sweep);
  }

  /** The ids of the sweep's trials that have ended in one of these ways. */
  public Set<String> trialIds(String sweep, Set<TrialStatus> statuses) {
    Set<String> names = statuses.stream().map(Enum::name).collect(Collectors.toSet());
    return new HashSet<>(
        trials
            .trials()
            .read(
                sweep,
                List.of(Table.TRIAL_ID, "status"),
                row ->
                    Optional.of(row.getString(Table.TRIAL_ID, 0))
                        .filter(id -> names.contains(row.getString("status", 0)))));
  }

  /** The best epochs of the sweep's trials that had a finite loss and did not fail. */
  public List<BestEpoch> bestEpochs(String sweep) {
    return trials.trials().read(sweep, BestEpoch.COLUMNS, BestEpoch::of);
  }

  /** How these results' file system is reached. */
  public Configuration hadoop() {
    return hadoop;
  }

  /** The folder of a sweep's checkpoints, with a folder per trial. */
  public Path checkpoints(String sweep) {
    return layout.checkpoints(sweep);
  }

  /** The file by which one driver keeps the others from a sweep. */
  public Path lockFile(String sweep) {
    return layout.lock(sweep);
  }

  /** Takes the checkpoints of trials away whose rows are written. */
  public void deleteCheckpoints(String sweep, Set<String> trialIds) {
    checkpoints.delete(sweep, trialIds);
  }

  /** The same for one trial. */
  public void deleteCheckpoints(String sweep, String trialId) {
    checkpoints.delete(sweep, trialId);
  }

  /** Takes all but the newest checkpoint of a trial away, which resumes from it if it ever does. */
  public void keepNewestCheckpoint(String sweep, String trialId) {
    checkpoints.keepNewest(sweep, trialId);
  }

  /** The kept models. */
  public ModelStore models() {
    return models;
  }

  /** A table's rows, without those of damaged files; none if nothing was written yet. */
  public Dataset<Row> table(Table<?> table) {
    Dataset<Row> rows =
        tables().stream()
            .filter(stored -> stored.table() == table)
            .findFirst()
            .orElseThrow()
            .rows(spark);
    return table == Tables.TRIALS
        ? LateColumns.fill(spark, rows, testLosses.rows(spark), models.kept())
        : rows;
  }

  /**
   * Makes a table a view of its name, over the files that there are now. A query may read trials a
   * dozen times; in an object store, where that is a hundred requests a file, Spark keeps its rows.
   */
  public void registerView(String table) {
    Tables.ALL.stream()
        .filter(each -> each.name().equals(table))
        .forEach(each -> viewed(each).createOrReplaceTempView(table));
  }

  private Dataset<Row> viewed(Table<?> table) {
    if (table != Tables.TRIALS || !inObjectStore()) {
      return table(table);
    }
    if (cachedTrials != null) {
      cachedTrials.unpersist();
    }
    cachedTrials = table(table);
    return cachedTrials.storageLevel().useMemory() ? cachedTrials : cachedTrials.cache();
  }

  /** The names of the tables. */
  public static List<String> tableNames() {
    return Tables.ALL.stream().map(Table::name).toList();
  }

  /** The names of the tables' columns. */
  public static List<String> columnNames() {
    return Tables.ALL.stream()
        .flatMap(table -> table.columns().stream())
        .map(Column::name)
        .distinct()
        .toList();
  }

  /** The qualified URI. */
  @Override
  public String toString() {
    return layout.root().toString();
  }

  private List<StoredTable<?>> tables() {
    List<StoredTable<?>> tables = new ArrayList<>(trials.all());
    tables.add(rungs);
    tables.add(testLosses);
    tables.add(baselines);
    tables.add(sweeps);
    return tables;
  }
}
