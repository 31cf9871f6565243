package org.tbptt.sweep.results;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One table where it is stored: a {@link TableFolder} per sweep. What the file system refuses is
 * said with the table's name.
 */
final class StoredTable<T> {

  private static final Logger LOG = LoggerFactory.getLogger(StoredTable.class);

  private final Table<T> table;
  private final Layout layout;
  private final Configuration hadoop;
  private final Runnable fence;
  private final String mark;

  StoredTable(Table<T> table, Layout layout, Configuration hadoop, Runnable fence) {
    this(table, layout, hadoop, fence, "");
  }

  /**
   * @param fence as in {@link ResultsStore#fencedBy}
   * @param mark ends the names of the files that are written
   */
  StoredTable(Table<T> table, Layout layout, Configuration hadoop, Runnable fence, String mark) {
    this.table = table;
    this.layout = layout;
    this.hadoop = hadoop;
    this.fence = fence;
    this.mark = mark;
  }

  Table<T> table() {
    return table;
  }

  /** Whether any row has been written. */
  boolean exists() {
    return exists(layout.table(table));
  }

  private boolean exists(Path path) {
    try {
      return path.getFileSystem(hadoop).exists(path);
    } catch (IOException unreadable) {
      throw new ResultsException(
          "cannot read the results in " + layout.root() + ": " + unreadable.getMessage(),
          unreadable);
    }
  }

  TableFolder folder(String sweep) throws IOException {
    return new TableFolder(layout.table(table, sweep), hadoop, fence, !mark.isEmpty());
  }

  Compaction compaction(String sweep) throws IOException {
    return new Compaction(table, folder(sweep), hadoop);
  }

  /** Writes a file, in place of one that was there. */
  void write(String sweep, String file, List<T> rows) {
    try {
      folder(sweep)
          .write(file + mark, temporary -> ParquetFile.write(temporary, table, rows, hadoop));
    } catch (IOException refused) {
      throw new ResultsException(
          "cannot write %s: %s"
              .formatted(layout.file(table, sweep, file + mark), refused.getMessage()),
          refused);
    }
  }

  /** Takes the rows of trials out. */
  void remove(String sweep, Set<String> trialIds) {
    try {
      compaction(sweep).remove(trialIds);
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** Takes trials out of a table that has a file for each: damaged ones, too. */
  void removeFiles(String sweep, Set<String> trialIds) {
    try {
      TableFolder folder = folder(sweep);
      for (String name : folder.names()) {
        if (trialIds.contains(name)) {
          folder.delete(name);
        }
      }
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** As in {@link ResultsStore#compact}. */
  void compact(String sweep, Set<String> running) {
    try {
      compaction(sweep).run(running.stream().map(id -> id + mark).collect(toSet()));
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** As in {@link ResultsStore#deleteReplaced}. */
  void deleteReplaced(String sweep) {
    try {
      folder(sweep).deleteReplaced();
    } catch (IOException refused) {
      LOG.warn("replaced files are left in {}: {}", layout.table(table), refused.getMessage());
    }
  }

  /** What a sweep's rows tell, of those that tell it. */
  <V> List<V> read(String sweep, Function<Group, Optional<V>> of) {
    return read(sweep, table.columns().stream().map(Column::name).toList(), of);
  }

  /**
   * The same by some columns: there are sixty of trials. Not by Spark, whose first query takes
   * longer than all files of the table.
   */
  <V> List<V> read(String sweep, List<String> columns, Function<Group, Optional<V>> of) {
    try {
      return folder(sweep)
          .read(
              files -> {
                List<V> told = new ArrayList<>();
                for (Path file : files) {
                  ParquetFile.read(
                      file, table, columns, hadoop, row -> of.apply(row).ifPresent(told::add));
                }
                return told;
              });
    } catch (IOException unreadable) {
      throw cannot("read", unreadable);
    }
  }

  /** The trial of each row in the files that are whole. */
  List<String> trialIds(String sweep) throws IOException {
    return folder(sweep)
        .read(
            files -> {
              List<String> ids = new ArrayList<>();
              for (Path file : files) {
                ids.addAll(ParquetFile.trialIds(file, table, hadoop));
              }
              return ids;
            });
  }

  /** All sweeps' rows, without those of damaged files; none if nothing was written yet. */
  Dataset<Row> rows(SparkSession spark) {
    try {
      List<String> files = new ArrayList<>();
      for (TableFolder sweep : folders()) {
        sweep.<List<Path>>read(whole -> whole).forEach(file -> files.add(file.toString()));
      }
      return files.isEmpty()
          ? spark.createDataFrame(List.of(), table.schema())
          : spark
              .read()
              .schema(table.schema())
              .option("basePath", layout.table(table).toString())
              .option("__globPaths__", "false") // a path may have brackets and stars in it
              .parquet(files.toArray(String[]::new));
    } catch (IOException unreadable) {
      throw cannot("read", unreadable);
    }
  }

  private List<TableFolder> folders() throws IOException {
    List<TableFolder> folders = new ArrayList<>();
    if (exists()) {
      FileSystem files = layout.root().getFileSystem(hadoop);
      for (FileStatus status : files.listStatus(layout.table(table))) {
        if (status.isDirectory() && Layout.sweepOf(status.getPath()).isPresent()) {
          folders.add(new TableFolder(status.getPath(), hadoop, fence, !mark.isEmpty()));
        }
      }
    }
    return folders;
  }

  private ResultsException cannot(String what, IOException refused) {
    return new ResultsException(
        "cannot %s the table %s in %s: %s"
            .formatted(what, table.name(), layout.root(), refused.getMessage()),
        refused);
  }
}
