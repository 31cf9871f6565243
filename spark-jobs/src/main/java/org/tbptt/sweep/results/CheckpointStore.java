package org.tbptt.sweep.results;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folders of trials' checkpoints. What is in them is written by the trials. */
final class CheckpointStore {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);

  private final Layout layout;
  private final Configuration hadoop;
  private final Runnable fence;

  /**
   * @param fence as in {@link ResultsStore#fencedBy}
   */
  CheckpointStore(Layout layout, Configuration hadoop, Runnable fence) {
    this.layout = layout;
    this.hadoop = hadoop;
    this.fence = fence;
  }

  void delete(String sweep, Set<String> trialIds) {
    Path folder = layout.checkpoints(sweep);
    fence.run();
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      for (FileStatus status : files.listStatus(folder)) {
        if (trialIds.contains(status.getPath().getName())) {
          files.delete(status.getPath(), true);
        }
      }
    } catch (FileNotFoundException none) {
      LOG.debug("no trial has written one", none);
    } catch (IOException refused) {
      LOG.warn("checkpoints are left in {}: {}", folder, refused.getMessage());
    }
  }

  /** The models beside them go, too. */
  void keepNewest(String sweep, String trialId) {
    Path folder = new Path(layout.checkpoints(sweep), trialId);
    fence.run();
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      List<Path> found =
          Stream.of(files.listStatus(folder))
              .map(FileStatus::getPath)
              .filter(file -> file.getName().endsWith(Layout.MODEL))
              .toList();
      Optional<Path> newest =
          found.stream()
              .filter(file -> !ModelStore.isRunning(file.getName()))
              .max(Comparator.naturalOrder());
      for (Path file : found) {
        if (!newest.equals(Optional.of(file))) {
          files.delete(file, false);
        }
      }
    } catch (FileNotFoundException none) {
      LOG.debug("the trial begins anew if it ever resumes", none);
    } catch (IOException refused) {
      LOG.warn("checkpoints are left in {}: {}", folder, refused.getMessage());
    }
  }

  void delete(String sweep, String trialId) {
    Path folder = new Path(layout.checkpoints(sweep), trialId);
    fence.run();
    try {
      folder.getFileSystem(hadoop).delete(folder, true);
    } catch (IOException refused) {
      LOG.warn("checkpoints are left in {}: {}", folder, refused.getMessage());
    }
  }
}
