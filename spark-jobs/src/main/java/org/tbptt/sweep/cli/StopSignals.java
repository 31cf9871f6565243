package org.tbptt.sweep.cli;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.util.SignalUtils;

/**
 * Ctrl-C and a polite kill interrupt the thread that runs a sweep, so that it can end in order. A
 * second one ends the program at once, and so does the first if that takes too long.
 */
final class StopSignals {

  // Whatever holds up the end then leaves what a kill leaves, which can be gone on with.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Thread interrupted = Thread.currentThread();
  private final AtomicBoolean received = new AtomicBoolean();

  private StopSignals() {}

  /** From now on they interrupt the thread that calls this. */
  static StopSignals interruptingThisThread() {
    StopSignals signals = new StopSignals();
    SignalUtils.register("INT", signals::receive);
    SignalUtils.register("TERM", signals::receive);
    return signals;
  }

  boolean received() {
    return received.get();
  }

  /** Whether it was taken care of; otherwise the JVM does what it does without this. */
  private Object receive() {
    boolean first = received.compareAndSet(false, true);
    if (first) {
      interrupted.interrupt();
      Thread last = new Thread(StopSignals::halt, "stop-signals");
      last.setDaemon(true);
      last.start();
    }
    return first;
  }

  private static void halt() {
    try {
      Thread.sleep(PATIENCE.toMillis());
    } catch (InterruptedException never) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(TbpttSweep.STOPPED);
  }
}
