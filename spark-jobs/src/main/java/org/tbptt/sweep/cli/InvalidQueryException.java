package org.tbptt.sweep.cli;

import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.results.ResultsStore;

/** Spark rejects a query; the message is one line with the reason. */
final class InvalidQueryException extends RuntimeException {

  private InvalidQueryException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What to throw for a failure of Spark: an exception of this class if the query is at fault,
   * otherwise the failure itself.
   */
  static Exception of(Exception failure) {
    if (failure instanceof AnalysisException wrong) {
      return new InvalidQueryException(reason(wrong), wrong);
    }
    // A runtime error of the query is a failed job, and SET refuses a value in this way.
    return failure instanceof SparkThrowable || failure instanceof IllegalArgumentException
        ? new InvalidQueryException(firstLine(root(failure)), failure)
        : failure;
  }

  private static String reason(AnalysisException wrong) {
    return wrong.getErrorClass() != null
            && wrong.getErrorClass().startsWith("TABLE_OR_VIEW_NOT_FOUND")
        ? firstLine(wrong) + " There are the tables " + names()
        : firstLine(wrong);
  }

  private static String names() {
    return String.join(", ", ResultsStore.tableNames())
        + " and the views "
        + String.join(", ", Queries.views());
  }

  private static Throwable root(Throwable failure) {
    return failure.getCause() == null ? failure : root(failure.getCause());
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse(failure.toString());
  }
}
