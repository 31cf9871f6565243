package org.tbptt.sweep.run;

/** A sweep cannot go on; the message is one line that says why. */
public final class SweepException extends RuntimeException {

  SweepException(String message) {
    super(message);
  }

  private SweepException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What to throw instead of a failure if Spark has stopped: its methods then fail in many ways.
   */
  public static SweepException sparkHasStopped(Throwable failure) {
    return failure instanceof SweepException told
        ? told
        : new SweepException("Spark has stopped: " + TrialJobs.reasonOf(failure), failure);
  }
}
