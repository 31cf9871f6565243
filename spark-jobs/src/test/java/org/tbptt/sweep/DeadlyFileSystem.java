package org.tbptt.sweep;

import org.apache.hadoop.fs.Path;

/**
 * The local file system under the name deadly:/path. It kills the process that writes a checkpoint
 * of one trial.
 */
public final class DeadlyFileSystem extends OddFileSystem {

  /** The id of that trial. */
  public static final String TRIAL = "fs.deadly.trial";

  @Override
  protected void creating(Path file) {
    if (file.getParent().getName().equals(getConf().get(TRIAL))
        && file.getName().endsWith(".safetensors")) {
      Runtime.getRuntime().halt(1);
    }
  }
}
