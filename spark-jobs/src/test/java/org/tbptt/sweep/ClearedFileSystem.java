package org.tbptt.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;

/** The local file system where somebody deletes a file's folder just before the file is made. */
public final class ClearedFileSystem extends OddFileSystem {

  @Override
  protected void creating(Path file) {
    try {
      delete(file.getParent(), true);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }
}
