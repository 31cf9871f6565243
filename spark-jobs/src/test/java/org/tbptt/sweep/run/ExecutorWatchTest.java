package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ExecutorWatchTest {

  private static final String LINE =
      "spark://host:7077 has provided no executor for 15 s (spark.executor.memory = 4g,"
          + " spark.executor.cores = not set, spark.task.cpus = 2); waiting for one";

  private final ExecutorWatch watch =
      new ExecutorWatch(
          new SparkConf(false)
              .set("spark.master", "spark://host:7077")
              .set("spark.executor.memory", "4g")
              .set("spark.task.cpus", "2"));

  @Test
  void aMasterWithoutAFreeWorkerIsNamedOnce() {
    assertThat(watch.watch(0, at(100))).isEmpty();
    assertThat(watch.watch(0, at(114))).isEmpty();
    assertThat(watch.watch(0, at(115))).contains(LINE);
    assertThat(watch.watch(0, at(500))).isEmpty();
  }

  @Test
  void itIsToldAgainWhenThereHaveBeenExecutorsMeanwhile() {
    watch.watch(0, at(0));
    assertThat(watch.watch(0, at(15))).contains(LINE);
    assertThat(watch.watch(3, at(20))).isEmpty();
    assertThat(watch.watch(0, at(30))).isEmpty();
    assertThat(watch.watch(0, at(44))).isEmpty();
    assertThat(watch.watch(0, at(45))).contains(LINE);
  }

  @Test
  void whereThereAreSlotsNothingIsTold() {
    assertThat(watch.watch(2, at(0))).isEmpty();
    assertThat(watch.watch(2, at(1000))).isEmpty();
  }

  private static long at(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds) - Long.MAX_VALUE / 2;
  }
}
