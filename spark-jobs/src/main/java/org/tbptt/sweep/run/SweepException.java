package org.tbptt.sweep.run;

/** A sweep cannot go on; the message is one line that says why. */
public final class SweepException extends RuntimeException {

  SweepException(String message) {
    super(message);
  }

  SweepException(String message, Throwable cause) {
    super(message, cause);
  }
}
