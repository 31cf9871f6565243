package org.tbptt.sweep;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the name deadly:/path. It kills the process that writes a checkpoint
 * of one trial.
 */
public final class DeadlyFileSystem extends OddFileSystem {

  /** The id of that trial. */
  public static final String TRIAL = "fs.deadly.trial";

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (file.getParent().getName().equals(getConf().get(TRIAL))
        && file.getName().endsWith(".safetensors")) {
      Runtime.getRuntime().halt(1);
    }
    return super.create(file, overwrite, bufferSize, replication, blockSize, progress);
  }
}
