package org.tbptt.sweep.cli;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.util.SignalUtils;

/**
 * Ctrl-C and SIGTERM interrupt the thread that runs a sweep, so that it can end cleanly. A second
 * one ends the program at once, and so does the first one if a clean end takes too long.
 */
final class StopSignals {

  // After this the process is halted, as by a kill: the sweep can be resumed.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Thread interrupted = Thread.currentThread();
  private final AtomicBoolean received = new AtomicBoolean();

  private StopSignals() {}

  /** From now on signals interrupt the calling thread. */
  static StopSignals interruptingThisThread() {
    StopSignals signals = new StopSignals();
    SignalUtils.register("INT", signals::receive);
    SignalUtils.register("TERM", signals::receive);
    return signals;
  }

  /** Whether a failure was caused by a signal. */
  boolean explain(Throwable failure) {
    return received.get() && isInterrupt(failure);
  }

  /** An interrupt shows as the exception of what was interrupted: a file, the terminal, Spark. */
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

  /** Returns whether the signal was handled; otherwise the JVM does its default. */
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
