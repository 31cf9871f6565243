package org.tbptt.sweep;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The local file system under the name refusing:/path, with one file that is there but unread. */
public final class RefusingFileSystem extends OddFileSystem {

  private static volatile String name;
  private static volatile Supplier<IOException> reason;

  /** Files of this name cannot be opened, for this reason. */
  public static void refuse(String name, IOException reason) {
    RefusingFileSystem.name = name;
    RefusingFileSystem.reason = () -> reason;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    if (file.getName().equals(name)) {
      throw reason.get();
    }
    return super.open(file, bufferSize);
  }
}
