package org.tbptt.sweep;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The local file system under the name refusing:/path, with one file that is there but unread, or
 * at whose opening something happens.
 */
public final class RefusingFileSystem extends OddFileSystem {

  private static volatile String name;
  private static volatile Opening opening;

  /** Files of this name cannot be opened, for this reason. */
  public static void refuse(String name, IOException reason) {
    whenOpening(
        name,
        () -> {
          throw reason;
        });
  }

  /** Does something before a file of this name is opened. */
  public static void whenOpening(String name, Opening opening) {
    RefusingFileSystem.name = name;
    RefusingFileSystem.opening = opening;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    if (file.getName().equals(name)) {
      opening.begins();
    }
    return super.open(file, bufferSize);
  }

  /** What happens. */
  public interface Opening {
    void begins() throws IOException;
  }
}
