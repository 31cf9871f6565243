package org.tbptt.sweep.results;

/** The results cannot be read or written; the message is one line that says which and why. */
public final class ResultsException extends RuntimeException {

  public ResultsException(String message) {
    super(message);
  }

  public ResultsException(String message, Throwable cause) {
    super(message, cause);
  }
}
