package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ExecutorWaitTest {

  private static final ExecutorWatch WATCH =
      new ExecutorWatch(new SparkConf(false).set("spark.master", "spark://host:7077"));

  /** Of which ten seconds have gone each time that somebody looks. */
  private final AtomicLong clock = new AtomicLong();

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  @Test
  void whoeverWaitsForAJobIsToldThatThereIsNoExecutor() throws Exception {
    try (ExecutorWait unused = waiting(0)) {
      assertThat(told.poll(1, TimeUnit.MINUTES))
          .startsWith("spark://host:7077 has provided no executor for 15 s (spark.executor.memory");
    }
  }

  @Test
  void whereThereIsAnExecutorNothingIsTold() throws Exception {
    try (ExecutorWait unused = waiting(1)) {
      while (clock.get() < TimeUnit.SECONDS.toNanos(40)) {
        Thread.sleep(20);
      }
    }
    assertThat(told).isEmpty();
  }

  @Test
  void itEndsInSilenceWhenSparkHasStopped() throws Exception {
    BlockingQueue<Thread> ended = new LinkedBlockingQueue<>();
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
    IntSupplier stopped =
        () -> {
          ended.add(Thread.currentThread());
          throw new IllegalStateException("Cannot call methods on a stopped SparkContext.");
        };
    try (ExecutorWait unused = waiting(stopped)) {
      ended.take().join();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(told).isEmpty();
    assertThat(uncaught).isEmpty();
  }

  private ExecutorWait waiting(int slots) {
    return waiting(() -> slots);
  }

  private ExecutorWait waiting(IntSupplier slots) {
    return new ExecutorWait(
        WATCH, slots, () -> clock.addAndGet(TimeUnit.SECONDS.toNanos(10)), told::add);
  }
}
