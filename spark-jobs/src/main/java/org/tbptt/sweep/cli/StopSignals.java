package org.tbptt.sweep.cli;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
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

  /** Whether a failure is what they have brought about, and nothing that went wrong beside. */
  boolean explain(Throwable failure) {
    return received.get() && isInterrupt(failure);
  }

  /** An interrupt comes in the words of whatever was under way: a file, the terminal, Spark. */
  static boolean isInterrupt(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof InterruptedException
          || each instanceof InterruptedIOException
          || each instanceof ClosedByInterruptException
          || each instanceof CancellationException) {
        return !(each instanceof SocketTimeoutException);
      }
    }
    return false;
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
