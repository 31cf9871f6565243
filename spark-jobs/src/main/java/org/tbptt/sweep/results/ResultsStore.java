package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.apache.spark.sql.functions;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.results.Tables.TrialEpoch;

/**
 * The tables of all sweeps under one URI of any file system that Hadoop knows. A trial's rows are
 * files named by its id, so that writing them again changes nothing.
 */
public final class ResultsStore {

  private final SparkSession spark;
  private final Path root;
  private final Configuration hadoop;

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
    try {
      Path path = new Path(uri);
      FileSystem files = path.getFileSystem(hadoop);
      this.root = files.makeQualified(path);
      if (files.exists(root) && !files.getFileStatus(root).isDirectory()) {
        throw new ResultsException("--results " + uri + ": is a file, must be a folder");
      }
    } catch (IOException | IllegalArgumentException unusable) {
      throw new ResultsException("--results " + uri + ": " + unusable.getMessage(), unusable);
    }
  }

  /** Whether any table has been written. */
  public boolean exists() {
    return Tables.ALL.stream().anyMatch(this::exists);
  }

  /**
   * A finished trial: what belongs to it first, so that a row in trials means that all of it is
   * there.
   */
  public void append(TrialResult result) {
    if (!result.outcome().diagnoses().isEmpty()) {
      write(Tables.LAGS, result.sweep(), result.trialId(), DiagnosisRows.lags(result));
      write(Tables.BIAS, result.sweep(), result.trialId(), DiagnosisRows.biases(result));
    }
    List<TrialEpoch> epochs =
        result.outcome().epochs().stream().map(e -> new TrialEpoch(result.trialId(), e)).toList();
    write(Tables.EPOCHS, result.sweep(), result.trialId(), epochs);
    write(Tables.TRIALS, result.sweep(), result.trialId(), List.of(result));
  }

  /** What the sweep was told, in place of what it was told before. */
  public void describe(SweepRecord record) {
    write(Tables.SWEEPS, record.sweep(), "sweep", List.of(record));
  }

  /** The ids of the sweep's trials that have ended in one of these ways. */
  public Set<String> trialIds(String sweep, Set<TrialStatus> statuses) {
    Object[] names = statuses.stream().map(Enum::name).toArray();
    return Set.copyOf(
        table(Tables.TRIALS)
            .where(functions.col(Table.SWEEP).equalTo(sweep))
            .where(functions.col("status").isin(names))
            .select("trial_id")
            .as(Encoders.STRING())
            .collectAsList());
  }

  /** A table's rows, none if nothing was written yet. */
  public Dataset<Row> table(Table<?> table) {
    if (!exists(table)) {
      return spark.createDataFrame(List.of(), table.schema());
    }
    return spark.read().schema(table.schema()).parquet(folder(table).toString());
  }

  /** Makes every table a view of its name. */
  public void registerViews() {
    Tables.ALL.forEach(table -> table(table).createOrReplaceTempView(table.name()));
  }

  /** The names of the tables. */
  public static List<String> tableNames() {
    return Tables.ALL.stream().map(Table::name).toList();
  }

  /** The qualified URI. */
  @Override
  public String toString() {
    return root.toString();
  }

  private boolean exists(Table<?> table) {
    try {
      return root.getFileSystem(hadoop).exists(folder(table));
    } catch (IOException unreadable) {
      throw new ResultsException(
          "cannot read the results in " + root + ": " + unreadable.getMessage(), unreadable);
    }
  }

  private <T> void write(Table<T> table, String sweep, String file, List<T> rows) {
    String partition = Table.SWEEP + "=" + ExternalCatalogUtils.escapePathName(sweep);
    Path target = new Path(new Path(folder(table), partition), file + ".parquet");
    try {
      ParquetFile.write(target, table, rows, hadoop);
    } catch (IOException refused) {
      throw new ResultsException("cannot write " + target + ": " + refused.getMessage(), refused);
    }
  }

  private Path folder(Table<?> table) {
    return new Path(root, table.name());
  }
}
