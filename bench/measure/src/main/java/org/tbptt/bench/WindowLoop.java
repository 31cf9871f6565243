package org.tbptt.bench;

/** The loop that every contestant in this process is measured by. */
abstract class WindowLoop implements Contestant {

  private final Row row;
  private int windows;

  WindowLoop(Row row) {
    this.row = row;
  }

  @Override
  public final Row row() {
    return row;
  }

  /**
   * Trains on one window.
   *
   * @param index counts the windows
   */
  abstract void train(int index);

  @Override
  public final Turn run(double seconds) {
    long from = System.nanoTime();
    double took;
    int done = 0;
    do {
      train(windows++);
      done++;
      took = (System.nanoTime() - from) * 1e-9;
    } while (took < seconds);
    return new Turn(done, took);
  }
}
