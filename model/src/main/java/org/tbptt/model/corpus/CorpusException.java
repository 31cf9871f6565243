package org.tbptt.model.corpus;

/** A corpus can't be read. The message is one line for the user. */
public final class CorpusException extends RuntimeException {

  /**
   * @param message names the file and the problem in one line
   */
  public CorpusException(String message) {
    super(message);
  }

  CorpusException(String message, Throwable cause) {
    super(message, cause);
  }
}
