package org.tbptt.sweep.cli;

import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;
import picocli.CommandLine.Option;

/** --results, for every command. */
final class ResultsOption {

  @Option(
      names = "--results",
      paramLabel = "URI",
      defaultValue = "results",
      description = {
        "Where the tables are: a folder on any file system that Hadoop supports."
            + " Default: ${DEFAULT-VALUE}."
      })
  private String uri;

  ResultsStore open(SparkSession spark) {
    return new ResultsStore(spark, uri);
  }

  /**
   * For commands that only read.
   *
   * @throws ResultsException if there are no tables
   */
  Queries queries(SparkSession spark) {
    return new Queries(spark, existing(spark));
  }

  /**
   * The tables that are to be read.
   *
   * @throws ResultsException if there are none
   */
  ResultsStore existing(SparkSession spark) {
    ResultsStore results = open(spark);
    if (!results.exists()) {
      throw new ResultsException(
          "--results "
              + uri
              + ": has no tables ("
              + String.join(", ", ResultsStore.tableNames())
              + "): ./submit.sh run writes them");
    }
    return results;
  }
}
