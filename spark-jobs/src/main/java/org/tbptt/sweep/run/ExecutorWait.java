package org.tbptt.sweep.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until it is closed, tells when Spark jobs wait because there is no executor. A running sweep
 * tells it itself; this is for jobs that a thread waits for.
 */
public final class ExecutorWait implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorWait.class);

  private final ExecutorWatch watch;
  private final IntSupplier slots;
  private final LongSupplier nanoTime;
  private final Consumer<String> waiting;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread = new Thread(this::watch, "executor-wait");

  /**
   * @param slots as {@link ExecutorWatch#watch}
   * @param nanoTime as {@link System#nanoTime}
   * @param waiting told in a line, on another thread
   */
  ExecutorWait(
      ExecutorWatch watch, IntSupplier slots, LongSupplier nanoTime, Consumer<String> waiting) {
    this.watch = watch;
    this.slots = slots;
    this.nanoTime = nanoTime;
    this.waiting = waiting;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Watches a driver's jobs.
   *
   * @param waiting told in a line, on another thread
   */
  public static ExecutorWait of(JavaSparkContext spark, Consumer<String> waiting) {
    return new ExecutorWait(
        new ExecutorWatch(spark.getConf()),
        () -> spark.statusTracker().getActiveJobIds().length > 0 ? TrialJobs.slots(spark) : 1,
        System::nanoTime,
        waiting);
  }

  private void watch() {
    try {
      do {
        watch.watch(slots.getAsInt(), nanoTime.getAsLong()).ifPresent(waiting);
      } while (!over.await(1, TimeUnit.SECONDS));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      LOG.debug(
          "executors are not watched any more", failure); // Spark has stopped, and others tell
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}
