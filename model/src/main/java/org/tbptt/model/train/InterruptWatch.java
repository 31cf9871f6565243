package org.tbptt.model.train;

/**
 * Hears for a thread that it was interrupted while that thread is in a long call that cannot: looks
 * ten times a second.
 */
final class InterruptWatch implements AutoCloseable {

  private static final long MILLISECONDS = 100;

  private final Thread watched = Thread.currentThread();
  private final Runnable interrupted;
  private final Thread watch = new Thread(this::look, "interrupt-watch");

  /**
   * Watches the thread that calls this.
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
