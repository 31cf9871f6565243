package org.tbptt.sweep;

import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** The local file system under the name skewed:/path, with a clock that is hours ahead. */
public final class SkewedFileSystem extends OddFileSystem {

  private static final Duration AHEAD = Duration.ofHours(7);

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    FileStatus there = super.getFileStatus(file);
    return new FileStatus(
        there.getLen(),
        there.isDirectory(),
        there.getReplication(),
        there.getBlockSize(),
        there.getModificationTime() + AHEAD.toMillis(),
        file);
  }
}
