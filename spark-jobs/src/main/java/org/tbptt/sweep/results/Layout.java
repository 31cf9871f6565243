package org.tbptt.sweep.results;

import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.tbptt.sweep.config.KnownFileSystem;

/**
 * Which file is where under the results. Every kind of file has a folder per sweep, named as Spark
 * names a partition's.
 *
 * @param root the results' folder, qualified
 */
record Layout(Path root) implements Serializable {

  /** How names of table files end. */
  static final String PARQUET = ".parquet";

  /** How names of models end. */
  static final String MODEL = ".safetensors";

  private static final String SWEEP = Table.SWEEP + "=";

  /**
   * The results at a URI, of which there may be none yet.
   *
   * @param uri a plain path is a local one unless Hadoop's configuration says otherwise
   * @throws ResultsException if there is something else than a folder
   */
  static Layout at(String uri, Configuration hadoop) {
    try {
      Path path = new Path(uri);
      FileSystem files = KnownFileSystem.of(path, hadoop);
      Path root = files.makeQualified(path);
      if (files.exists(root) && !files.getFileStatus(root).isDirectory()) {
        throw new ResultsException("--results " + uri + ": is a file, must be a folder");
      }
      return new Layout(root);
    } catch (IOException | IllegalArgumentException unusable) {
      throw new ResultsException("--results " + uri + ": " + unusable.getMessage(), unusable);
    }
  }

  Path table(Table<?> table) {
    return new Path(root, table.name());
  }

  Path table(Table<?> table, String sweep) {
    return of(table(table), sweep);
  }

  /** One file of a table. */
  Path file(Table<?> table, String sweep, String name) {
    return new Path(table(table, sweep), name + PARQUET);
  }

  /** With a folder per trial. */
  Path checkpoints(String sweep) {
    return of(new Path(root, "checkpoints"), sweep);
  }

  /** The file by which one driver keeps the others from a sweep. */
  Path lock(String sweep) {
    return new Path(checkpoints(sweep), "_lock");
  }

  Path models() {
    return new Path(root, "models");
  }

  Path models(String sweep) {
    return of(models(), sweep);
  }

  /** A trial's model that is kept. */
  Path model(String sweep, String trialId) {
    return new Path(models(sweep), trialId + MODEL);
  }

  /** The sweep whose folder this is; empty if it is something else. */
  static Optional<String> sweepOf(Path folder) {
    String name = folder.getName();
    return name.startsWith(SWEEP)
        ? Optional.of(ExternalCatalogUtils.unescapePathName(name.substring(SWEEP.length())))
        : Optional.empty();
  }

  private static Path of(Path folder, String sweep) {
    return new Path(folder, SWEEP + ExternalCatalogUtils.escapePathName(sweep));
  }
}
