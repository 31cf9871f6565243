package org.tbptt.sweep.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;

/** Spark cannot be started with this --master; the message is one line with the reason. */
final class NoSparkException extends RuntimeException {

  NoSparkException(SparkConf conf, String reason) {
    super("--master " + conf.get("spark.master") + ": " + reason);
  }

  /** For what Spark throws when it starts. */
  NoSparkException(SparkConf conf, Exception failure) {
    this(conf, "Spark cannot be started: " + reason(failure));
    initCause(failure);
  }

  /** Of an outermost failure, and of what it comes from. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == failure ? words(failure) : words(failure) + ": " + words(root);
  }

  private static String words(Throwable failure) {
    String kind =
        failure instanceof SparkException ? "" : failure.getClass().getSimpleName() + ": ";
    return kind + TbpttSweep.firstLine(failure);
  }
}
