package org.tbptt.sweep.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.util.SignalUtils;

/**
 * Ctrl-C and a polite kill interrupt the thread that runs a sweep, so that it can end in order. A
 * second one ends the program at once.
 */
final class StopSignals {

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
    }
    return first;
  }
}
