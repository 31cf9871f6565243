package org.tbptt.sweep;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.results.QuietLocalFileSystem;
import org.tbptt.sweep.run.SweepPlugin;

/** A Spark of two slots in this process. */
public final class LocalSpark {

  /** Plans as they are and no generated code: queries over a few rows take a fifth less. */
  public static final Map<String, String> FOR_FEW_ROWS =
      Map.of(
          "spark.sql.adaptive.enabled", "false",
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN",
          "spark.sql.ui.explainMode", "simple");

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
        .config(new HashMap<>(FOR_FEW_ROWS))
        .getOrCreate();
  }
}
