package org.tbptt.model.train;

/**
 * Notices the interrupt of a thread that is inside a long call which does not react to interrupts.
 * Polls ten times a second.
 */
final class InterruptWatch implements AutoCloseable {

  private static final long MILLISECONDS = 100;

  private final Thread watched = Thread.currentThread();
  private final Runnable interrupted;
  private final Thread watch = new Thread(this::look, "interrupt-watch");

  /**
   * Watches the calling thread.
   *
   * @param interrupted called at most once, on a thread of its own and never after {@link #close}
   */
  InterruptWatch(Runnable interrupted) {
    this.interrupted = interrupted;
    watch.setDaemon(true);
    watch.start();
  }

  private void look() {
    try {
      while (!watched.isInterrupted()) {
        Thread.sleep(MILLISECONDS);
      }
      interrupted.run();
    } catch (InterruptedException closed) {
      watch.interrupt();
    }
  }

  @Override
  public void close() {
    watch.interrupt();
    boolean again = false;
    while (watch.isAlive()) {
      try {
        watch.join();
      } catch (InterruptedException later) {
        again = true;
      }
    }
    if (again) {
      watched.interrupt();
    }
  }
}
