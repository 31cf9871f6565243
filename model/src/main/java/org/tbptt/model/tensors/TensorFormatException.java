package org.tbptt.model.tensors;

import java.io.IOException;

/** A file is truncated, damaged or of another format. The message is one line. */
public final class TensorFormatException extends IOException {

  public TensorFormatException(String message) {
    super(message);
  }

  public TensorFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
