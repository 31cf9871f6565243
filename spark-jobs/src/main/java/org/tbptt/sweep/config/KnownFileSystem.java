package org.tbptt.sweep.config;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The file system that a user's URI names. */
public final class KnownFileSystem {

  private KnownFileSystem() {}

  /**
   * Finds it, as {@link Path#getFileSystem} does.
   *
   * @throws IOException if Hadoop does not know it or its connector is missing; the message is for
   *     users
   * @throws IllegalArgumentException if its host is unknown, or a part of the URI cannot be
   */
  public static FileSystem of(Path path, Configuration hadoop) throws IOException {
    try {
      return path.getFileSystem(hadoop);
    } catch (RuntimeException noConnector) {
      if (noConnector.getCause() instanceof ClassNotFoundException missing) {
        throw new IOException(
            missing.getMessage()
                + ", which this Spark does not have; --packages before the command brings the"
                + " connector of a file system",
            noConnector);
      }
      throw noConnector;
    }
  }
}
