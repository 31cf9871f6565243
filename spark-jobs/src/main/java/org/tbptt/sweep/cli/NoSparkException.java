package org.tbptt.sweep.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;

/** There is no Spark at the master that was asked for; the message is one line that says why. */
final class NoSparkException extends RuntimeException {

  NoSparkException(SparkConf conf, String reason) {
    super("--master " + conf.get("spark.master") + ": " + reason);
  }

  /** For what Spark throws when it is started. */
  NoSparkException(SparkConf conf, Exception failure) {
    this(conf, "Spark cannot be started: " + words(failure));
    initCause(failure);
  }

  private static String words(Exception failure) {
    String kind =
        failure instanceof SparkException ? "" : failure.getClass().getSimpleName() + ": ";
    return kind + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
