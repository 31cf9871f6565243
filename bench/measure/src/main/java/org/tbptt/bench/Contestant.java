package org.tbptt.bench;

/** Something that trains one workload when it is told to. */
interface Contestant extends AutoCloseable {

  Row row();

  /**
   * Trains window after window, one at least.
   *
   * @param seconds when to stop: after the first window that ends later
   * @throws ContestException if it cannot
   */
  Turn run(double seconds);

  @Override
  void close();

  /**
   * What was done.
   *
   * @param windows how many were trained
   * @param seconds what they took
   */
  record Turn(int windows, double seconds) {
    double secondsPerWindow() {
      return seconds / windows;
    }
  }

  /** Why a contestant could not be measured. */
  final class ContestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ContestException(String message) {
      super(message);
    }
  }
}
