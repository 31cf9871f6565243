package org.tbptt.sweep.config;

/**
 * Something in the conf file or in a --set option is wrong. The message is one line for the user:
 * the key, its value, what is allowed, and where it was written.
 */
public final class InvalidConfException extends RuntimeException {

  public InvalidConfException(String message) {
    this(message, null);
  }

  InvalidConfException(String message, Throwable cause) {
    super(message.replaceAll("[\\s\\p{Cntrl}]+", " ").strip(), cause);
  }
}
