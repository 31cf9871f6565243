package org.tbptt.sweep.run;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.results.ResultsStore;

/**
 * The folders and files of a sweep that executors use.
 *
 * @param results the root of the results
 * @param checkpoints the folder with a folder per trial
 * @param lock the file that the driver holds
 */
record SweepPaths(String results, String checkpoints, String lock) implements Serializable {

  // Where a file cannot be replaced, the lock is gone for a moment whenever it is written.
  private static final int LOOKS_FOR_LOCK = 10;
  private static final long BETWEEN_LOOKS = 300;

  static SweepPaths of(ResultsStore results, String sweep) {
    return new SweepPaths(
        results.toString(),
        results.checkpoints(sweep).toString(),
        results.lockFile(sweep).toString());
  }

  Path checkpoints(PlannedTrial trial) {
    return new Path(checkpoints, trial.id());
  }

  /**
   * What is written to a disk that other machines do not see would be lost.
   *
   * @param host the executor's, which this is called on
   * @throws InvalidConfException if it does not see the lock that the driver holds
   */
  void requireLock(Configuration hadoop, String host) throws IOException, InterruptedException {
    Path file = new Path(lock);
    FileSystem files = file.getFileSystem(hadoop);
    for (int looks = 1; !files.exists(file); looks++) {
      if (looks == LOOKS_FOR_LOCK) {
        throw new InvalidConfException(
            "--results %s is not the same folder on %s: %s, the driver's lock, is not there;"
                    .formatted(results, host, file)
                + " must be one that driver and executors share");
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }
}
