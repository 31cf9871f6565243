package org.tbptt.model.tensors;

import java.io.IOException;

/** A file is not what was written: cut off, damaged or of another format. One line says how. */
public final class TensorFormatException extends IOException {

  public TensorFormatException(String message) {
    super(message);
  }

  public TensorFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
