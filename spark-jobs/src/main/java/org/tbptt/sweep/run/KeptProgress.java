package org.tbptt.sweep.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a trial's folder of checkpoints tells the driver.
 *
 * @param position of the newest checkpoint, sound or not; empty if there is none
 * @param startsInVain attempts that have begun since it was written
 */
record KeptProgress(String position, int startsInVain) {

  static final KeptProgress NONE = new KeptProgress("", 0);

  /** Of a trial; {@link #NONE} if it has no folder. */
  static KeptProgress of(Path folder, Configuration hadoop) throws IOException {
    List<FileStatus> files = list(folder, hadoop);
    List<FileStatus> checkpoints =
        files.stream().filter(file -> CheckpointFolder.isCheckpoint(name(file))).toList();
    long written =
        checkpoints.stream()
            .mapToLong(FileStatus::getModificationTime)
            .max()
            .orElse(Long.MIN_VALUE);
    long startsInVain =
        files.stream()
            .filter(file -> CheckpointFolder.isAttempt(name(file)))
            .filter(file -> file.getModificationTime() > written)
            .count();
    return new KeptProgress(
        checkpoints.stream()
            .map(KeptProgress::name)
            .max(Comparator.naturalOrder())
            .map(CheckpointFolder::position)
            .orElse(""),
        (int) startsInVain);
  }

  /**
   * Of all trials of a sweep that have been begun and have not ended, by their ids.
   *
   * @param done trials that are not started again, whatever they have kept
   */
  static Map<String, KeptProgress> ofAll(Path folder, Set<String> done, Configuration hadoop)
      throws IOException {
    Map<String, KeptProgress> begun = new HashMap<>();
    for (FileStatus trial : list(folder, hadoop)) {
      if (trial.isDirectory() && !done.contains(name(trial))) {
        begun.put(name(trial), of(trial.getPath(), hadoop));
      }
    }
    return begun;
  }

  private static List<FileStatus> list(Path folder, Configuration hadoop) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    try {
      return List.of(files.listStatus(folder));
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  private static String name(FileStatus file) {
    return file.getPath().getName();
  }
}
