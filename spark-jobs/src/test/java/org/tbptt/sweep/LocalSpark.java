package org.tbptt.sweep;

import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.results.QuietLocalFileSystem;
import org.tbptt.sweep.run.SweepPlugin;

/** A Spark of two slots in this process. */
public final class LocalSpark {

  private LocalSpark() {}

  /** The session that is open, or a new one. */
  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.plugins", SweepPlugin.class.getName())
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.hadoop.fs.file.impl", QuietLocalFileSystem.class.getName())
        .getOrCreate();
  }
}
