package org.tbptt.sweep.run;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;

/**
 * Finds out that a sweep has no executor: no worker is there or free, or none is large enough.
 * Spark waits for one as long as it takes.
 */
final class ExecutorWatch {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);

  private final SparkConf conf;
  private long since;
  private boolean waiting;
  private boolean told;

  ExecutorWatch(SparkConf conf) {
    this.conf = conf;
  }

  /**
   * What people should know, once each time that there has been no slot for a while.
   *
   * @param slots that there are now
   * @param now in nanoseconds, from any origin
   */
  Optional<String> watch(int slots, long now) {
    if (slots > 0) {
      waiting = false;
      return Optional.empty();
    }
    if (!waiting) {
      waiting = true;
      told = false;
      since = now;
    }
    if (told || now - since < PATIENCE) {
      return Optional.empty();
    }
    told = true;
    return Optional.of(
        ("%s has provided no executor for %d s (spark.executor.memory = %s, spark.executor.cores = %s,"
                + " spark.task.cpus = %s); waiting for one")
            .formatted(
                conf.get("spark.master"),
                TimeUnit.NANOSECONDS.toSeconds(PATIENCE),
                conf.get("spark.executor.memory", "1g"),
                conf.get("spark.executor.cores", "not set"),
                conf.get("spark.task.cpus", "1")));
  }
}
