package org.tbptt.sweep.results;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, setting permissions in this process. Hadoop's own starts a chmod for
 * each file and folder that it makes: milliseconds each, and a driver makes a dozen a second.
 */
public class QuietLocalFileSystem extends LocalFileSystem {

  /** What {@code fs.file.impl} makes. */
  public QuietLocalFileSystem() {
    super(new Raw());
  }

  /**
   * Returns when a file's bytes are on the disk. The system may write names and deletions to it
   * long before the bytes of a file that was not forced, and then lose power.
   */
  void force(Path path) throws IOException {
    try (FileOutputStream file = new FileOutputStream(pathToFile(path), true)) {
      file.getFD().sync();
    }
  }

  private static final class Raw extends RawLocalFileSystem {

    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      java.nio.file.Path file = pathToFile(path).toPath();
      if (permission.getStickyBit()
          || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        super.setPermission(path, permission); // java.nio has no word for it
        return;
      }
      Files.setPosixFilePermissions(file, posix(permission));
    }

    private static Set<PosixFilePermission> posix(FsPermission permission) {
      return PosixFilePermissions.fromString(
          permission.getUserAction().SYMBOL
              + permission.getGroupAction().SYMBOL
              + permission.getOtherAction().SYMBOL);
    }
  }
}
