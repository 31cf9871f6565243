package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.Tables.TrialEpoch;

/**
 * The tables of all sweeps under one URI of any file system that Hadoop knows. A trial's rows are
 * in files named by its id or by that of a trial that ended with it, until {@link #compact} gathers
 * them. One writer at a time and any number of readers.
 */
public final class ResultsStore {

  private static final Logger LOG = LoggerFactory.getLogger(ResultsStore.class);

  /** From so many files on, {@link #compact} has something to do. */
  public static final int FILES_TO_MERGE = Compaction.FILES;

  private final SparkSession spark;
  private final Path root;
  private final Configuration hadoop;
  private final Runnable fence;

  /**
   * Opens the tables, of which there may be none yet.
   *
   * @param uri where the tables are or will be; a plain path is a local one unless Hadoop's
   *     configuration says otherwise
   * @throws ResultsException if there is something else than a folder
   */
  public ResultsStore(SparkSession spark, String uri) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.fence = () -> {};
    try {
      Path path = new Path(uri);
      FileSystem files = path.getFileSystem(hadoop);
      this.root = files.makeQualified(path);
      if (files.exists(root) && !files.getFileStatus(root).isDirectory()) {
        throw new ResultsException("--results " + uri + ": is a file, must be a folder");
      }
    } catch (IOException | IllegalArgumentException unusable) {
      throw new ResultsException("--results " + uri + ": " + unusable.getMessage(), unusable);
    } catch (RuntimeException noConnector) {
      if (noConnector.getCause() instanceof ClassNotFoundException missing) {
        throw new ResultsException(
            "--results %s: %s, which this Spark does not have; --packages before the command brings the connector of a file system"
                .formatted(uri, missing.getMessage()),
            missing);
      }
      throw noConnector;
    }
  }

  private ResultsStore(ResultsStore same, Runnable fence) {
    this.spark = same.spark;
    this.root = same.root;
    this.hadoop = same.hadoop;
    this.fence = fence;
  }

  /**
   * The same tables for a driver that another one may take over from.
   *
   * @param fence runs before a file that was written takes its name, and before one goes; what it
   *     throws when another driver has taken over keeps that from happening
   */
  public ResultsStore fencedBy(Runnable fence) {
    return new ResultsStore(this, fence);
  }

  /** Whether any table has been written. */
  public boolean exists() {
    return Tables.ALL.stream().anyMatch(table -> exists(folder(table)));
  }

  /**
   * Makes a sweep's tables ready to be added to: ends what a writer that was killed has begun, and
   * sets files aside that are cut off. Trials that have lost rows count as missing from then on.
   */
  public void prepare(String sweep) {
    try {
      boolean lost = false;
      for (Table<?> table : Tables.BY_TRIAL) {
        TableFolder folder = folder(table, sweep);
        lost |= folder.recover();
        if (table == Tables.TRIALS) {
          folder.setDamagedAside();
        } else {
          lost |= !folder.damage().isEmpty();
        }
      }
      if (lost) {
        // First, so that a driver that is killed in between leaves the damage to the next.
        new Compaction(Tables.TRIALS, folder(Tables.TRIALS, sweep), hadoop)
            .remove(incomplete(sweep));
        for (Table<?> table : Tables.BY_TRIAL) {
          folder(table, sweep).setDamagedAside();
        }
      }
    } catch (IOException refused) {
      throw new ResultsException(
          "cannot prepare the tables in %s: %s".formatted(root, refused.getMessage()), refused);
    }
  }

  /** The trials in trials of which other tables have not all rows. A trial's are in one file. */
  private Set<String> incomplete(String sweep) throws IOException {
    Map<String, Integer> epochs = rowsByTrial(Tables.EPOCHS, sweep);
    Set<String> lags = rowsByTrial(Tables.LAGS, sweep).keySet();
    Set<String> biases = rowsByTrial(Tables.BIAS, sweep).keySet();
    return new HashSet<>(
        trials(
            sweep,
            row -> {
              String id = row.getString(Tables.TRIAL_ID, 0);
              int epochsRun = has(row, "epochs_run") ? row.getInteger("epochs_run", 0) : 0;
              boolean measured = lags.contains(id) || biases.contains(id) || has(row, "lag95");
              boolean whole =
                  epochs.getOrDefault(id, 0) >= epochsRun
                      && (!measured || (lags.contains(id) && biases.contains(id)));
              return whole ? Optional.empty() : Optional.of(id);
            }));
  }

  /** How many rows each trial has in the files that are whole. */
  private Map<String, Integer> rowsByTrial(Table<?> table, String sweep) throws IOException {
    return folder(table, sweep)
        .read(
            files -> {
              Map<String, Integer> rows = new HashMap<>();
              for (Path file : files) {
                ParquetFile.trialIds(file, table, hadoop)
                    .forEach(id -> rows.merge(id, 1, Integer::sum));
              }
              return rows;
            });
  }

  private static boolean has(Group row, String column) {
    return row.getFieldRepetitionCount(column) > 0;
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
    List<TrialResult> diagnosed =
        results.stream().filter(r -> !r.outcome().diagnoses().isEmpty()).toList();
    write(Tables.LAGS, diagnosed, r -> DiagnosisRows.lags(r.trialId(), r.outcome().diagnoses()));
    write(Tables.BIAS, diagnosed, r -> DiagnosisRows.biases(r.trialId(), r.outcome().diagnoses()));
    List<TrialResult> unwritten = new ArrayList<>();
    for (TrialResult result : results) {
      if (exists(file(Tables.EPOCHS, result.sweep(), result.trialId()))) {
        appendEpochs(result.sweep(), result.trialId(), result.outcome().epochs());
      } else {
        unwritten.add(result);
      }
    }
    write(Tables.EPOCHS, unwritten, r -> epochs(r.trialId(), r.outcome().epochs()));
    write(Tables.TRIALS, results, List::of);
  }

  /**
   * All epochs that a trial has had so far, in place of those that were written before.
   *
   * @param epochs from the first on
   */
  public void appendEpochs(String sweep, String trialId, List<EpochMetrics> epochs) {
    write(Tables.EPOCHS, sweep, trialId, epochs(trialId, epochs));
  }

  private static List<TrialEpoch> epochs(String trialId, List<EpochMetrics> epochs) {
    return epochs.stream().map(e -> new TrialEpoch(trialId, e)).toList();
  }

  /** Takes all rows of these trials out of the sweep's tables. */
  public void remove(String sweep, Set<String> trialIds) {
    if (trialIds.isEmpty()) {
      return;
    }
    for (Table<?> table : Tables.BY_TRIAL) {
      try {
        new Compaction(table, folder(table, sweep), hadoop).remove(trialIds);
      } catch (IOException refused) {
        throw cannot("write", table, refused);
      }
    }
    removeTestLosses(sweep, trialIds);
  }

  /** A file each, and nobody's who sets damaged ones aside: they go unread. */
  private void removeTestLosses(String sweep, Set<String> trialIds) {
    try {
      TableFolder folder = folder(Tables.TEST_LOSSES, sweep);
      for (String name : folder.names()) {
        if (trialIds.contains(name)) {
          folder.delete(name);
        }
      }
    } catch (IOException refused) {
      throw cannot("write", Tables.TEST_LOSSES, refused);
    }
  }

  /**
   * Merges a sweep's files where they have become many. Readers see every row once meanwhile: what
   * is replaced stays until the next time, or until {@link #deleteReplaced}.
   *
   * @param running trials that have not ended, whose files are left alone
   */
  public void compact(String sweep, Set<String> running) {
    for (Table<?> table : Tables.BY_TRIAL) {
      try {
        new Compaction(table, folder(table, sweep), hadoop).run(running);
      } catch (IOException refused) {
        throw cannot("write", table, refused);
      }
    }
  }

  /** Deletes the files that others have replaced, at the end of a sweep. */
  public void deleteReplaced(String sweep) {
    for (Table<?> table : Tables.BY_TRIAL) {
      try {
        folder(table, sweep).deleteReplaced();
      } catch (IOException refused) {
        LOG.warn("replaced files are left in {}: {}", folder(table), refused.getMessage());
      }
    }
  }

  /** What a trial's model gave, in place of what it gave before; no other row is touched. */
  public void put(TestLoss loss) {
    write(Tables.TEST_LOSSES, loss.sweep(), loss.trialId(), List.of(loss));
  }

  /** What the sweep was told, in place of what it was told before. */
  public void describe(SweepRecord record) {
    write(Tables.SWEEPS, record.sweep(), "sweep", List.of(record));
  }

  /** The ids of the sweep's trials that have ended in one of these ways. */
  public Set<String> trialIds(String sweep, Set<TrialStatus> statuses) {
    Set<String> names = statuses.stream().map(Enum::name).collect(Collectors.toSet());
    return new HashSet<>(
        trials(
            sweep,
            row ->
                Optional.of(row.getString(Tables.TRIAL_ID, 0))
                    .filter(id -> names.contains(row.getString("status", 0)))));
  }

  /** The best epochs of the sweep's trials that had a finite loss and did not fail. */
  public List<BestEpoch> bestEpochs(String sweep) {
    return trials(
        sweep,
        row ->
            has(row, "best_valid_loss")
                    && !row.getString("status", 0).equals(TrialStatus.FAILED.name())
                ? Optional.of(
                    new BestEpoch(
                        row.getString(Tables.TRIAL_ID, 0),
                        row.getString("style", 0),
                        row.getInteger("best_epoch", 0),
                        row.getDouble("best_valid_loss", 0)))
                : Optional.empty());
  }

  /**
   * What the sweep's trials tell, of those that tell it. Not by Spark, whose first query takes
   * longer than all files of the table.
   */
  private <T> List<T> trials(String sweep, Function<Group, Optional<T>> of) {
    try {
      return folder(Tables.TRIALS, sweep)
          .read(
              files -> {
                List<T> told = new ArrayList<>();
                for (Path file : files) {
                  ParquetFile.read(
                      file, Tables.TRIALS, hadoop, row -> of.apply(row).ifPresent(told::add));
                }
                return told;
              });
    } catch (IOException unreadable) {
      throw cannot("read", Tables.TRIALS, unreadable);
    }
  }

  /** How this store's file system is reached. */
  public Configuration hadoop() {
    return hadoop;
  }

  /** The folder of a sweep's checkpoints, with a folder per trial. */
  public Path checkpoints(String sweep) {
    return new Path(new Path(root, "checkpoints"), folderName(sweep));
  }

  /** The file by which one driver keeps the others from a sweep. */
  public Path lockFile(String sweep) {
    return new Path(checkpoints(sweep), "_lock");
  }

  /** Takes the checkpoints of trials away whose rows are written. */
  public void deleteCheckpoints(String sweep, Set<String> trialIds) {
    Path folder = checkpoints(sweep);
    fence.run();
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      for (FileStatus status : files.listStatus(folder)) {
        if (trialIds.contains(status.getPath().getName())) {
          files.delete(status.getPath(), true);
        }
      }
    } catch (IOException refused) {
      LOG.warn("checkpoints are left in {}: {}", folder, refused.getMessage());
    }
  }

  /** The same for one trial. */
  public void deleteCheckpoints(String sweep, String trialId) {
    Path folder = new Path(checkpoints(sweep), trialId);
    fence.run();
    try {
      folder.getFileSystem(hadoop).delete(folder, true);
    } catch (IOException refused) {
      LOG.warn("checkpoints are left in {}: {}", folder, refused.getMessage());
    }
  }

  /** The kept models. */
  public ModelStore models() {
    return new ModelStore(root, hadoop);
  }

  /** A table's rows, without those of damaged files; none if nothing was written yet. */
  public Dataset<Row> table(Table<?> table) {
    return table == Tables.TRIALS
        ? LateColumns.fill(
            spark, stored(Tables.TRIALS), stored(Tables.TEST_LOSSES), models().kept())
        : stored(table);
  }

  private Dataset<Row> stored(Table<?> table) {
    try {
      List<String> files = new ArrayList<>();
      for (TableFolder partition : partitions(table)) {
        partition.<List<Path>>read(whole -> whole).forEach(file -> files.add(file.toString()));
      }
      return files.isEmpty()
          ? spark.createDataFrame(List.of(), table.schema())
          : spark
              .read()
              .schema(table.schema())
              .option("basePath", folder(table).toString())
              .option("__globPaths__", "false") // a path may have brackets and stars in it
              .parquet(files.toArray(String[]::new));
    } catch (IOException unreadable) {
      throw cannot("read", table, unreadable);
    }
  }

  /** Makes a table a view of its name, over the files that there are now. */
  public void registerView(String table) {
    Tables.ALL.stream()
        .filter(each -> each.name().equals(table))
        .forEach(each -> table(each).createOrReplaceTempView(table));
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
    return root.toString();
  }

  private boolean exists(Path path) {
    try {
      return root.getFileSystem(hadoop).exists(path);
    } catch (IOException unreadable) {
      throw new ResultsException(
          "cannot read the results in " + root + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** The rows of several trials in one file, named by the first of them. */
  private <T> void write(
      Table<T> table, List<TrialResult> results, Function<TrialResult, List<T>> rows) {
    if (!results.isEmpty()) {
      TrialResult first = results.get(0);
      List<T> all = results.stream().flatMap(result -> rows.apply(result).stream()).toList();
      write(table, first.sweep(), first.trialId(), all);
    }
  }

  private <T> void write(Table<T> table, String sweep, String file, List<T> rows) {
    try {
      folder(table, sweep)
          .write(file, temporary -> ParquetFile.write(temporary, table, rows, hadoop));
    } catch (IOException refused) {
      throw new ResultsException(
          "cannot write %s: %s".formatted(file(table, sweep, file), refused.getMessage()), refused);
    }
  }

  private List<TableFolder> partitions(Table<?> table) throws IOException {
    List<TableFolder> partitions = new ArrayList<>();
    if (exists(folder(table))) {
      for (FileStatus status : root.getFileSystem(hadoop).listStatus(folder(table))) {
        if (status.isDirectory() && status.getPath().getName().startsWith(Table.SWEEP + "=")) {
          partitions.add(new TableFolder(status.getPath(), hadoop, fence));
        }
      }
    }
    return partitions;
  }

  private TableFolder folder(Table<?> table, String sweep) throws IOException {
    return new TableFolder(partition(table, sweep), hadoop, fence);
  }

  private Path file(Table<?> table, String sweep, String name) {
    return new Path(partition(table, sweep), name + ".parquet");
  }

  private Path partition(Table<?> table, String sweep) {
    return new Path(folder(table), folderName(sweep));
  }

  private static String folderName(String sweep) {
    return Table.SWEEP + "=" + ExternalCatalogUtils.escapePathName(sweep);
  }

  private Path folder(Table<?> table) {
    return new Path(root, table.name());
  }

  private ResultsException cannot(String what, Table<?> table, IOException refused) {
    return new ResultsException(
        "cannot %s the table %s in %s: %s"
            .formatted(what, table.name(), root, refused.getMessage()),
        refused);
  }
}
