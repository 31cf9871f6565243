package org.tbptt.sweep;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system with its disk full: full:/path can be read, and files made but not filled.
 */
public final class FullFileSystem extends OddFileSystem {

  /** The disk is full from when this file exists; always, if no file is named. */
  public static final String SWITCH = "fs.full.switch";

  @Override
  protected FSDataOutputStream created(FSDataOutputStream file) throws IOException {
    if (!isFull()) {
      return file;
    }
    file.close();
    // Linux's device that is always full: what Hadoop makes of that is an FSError.
    try (RawLocalFileSystem local = new RawLocalFileSystem()) {
      local.initialize(URI.create("file:///"), getConf());
      return local.create(new Path("/dev/full"), true, 1, (short) 1, 1 << 20, null);
    }
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return create(file, overwrite, bufferSize, replication, blockSize, progress);
  }

  private boolean isFull() {
    String file = getConf().get(SWITCH);
    return file == null || Files.exists(java.nio.file.Path.of(file));
  }
}
