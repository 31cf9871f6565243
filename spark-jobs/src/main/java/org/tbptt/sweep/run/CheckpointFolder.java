package org.tbptt.sweep.run;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.tensors.TensorFormatException;
import org.tbptt.model.train.Checkpoint;
import org.tbptt.model.train.Checkpoints;
import org.tbptt.sweep.results.AtomicFile;

/**
 * The checkpoints of one trial, in a folder of any file system that Hadoop knows. Their names tell
 * how far they have come; the two that have come furthest are kept. Several attempts of the same
 * trial may write here at the same time: what they write at one position differs in nothing but the
 * time that it took.
 */
final class CheckpointFolder implements Checkpoints {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final String SUFFIX = ".safetensors";
  private static final String ATTEMPT = "attempt-";
  private static final int KEPT = 2;

  private final String trialId;
  private final Path folder;
  private final Configuration hadoop;
  private final FileSystem files;
  private final Runnable interruptAgain;
  private final Consumer<String> report;

  /**
   * @param folder which need not be there
   * @param interruptAgain interrupts the calling thread if it has been interrupted before: a file
   *     system may swallow that
   * @param report told of what is wrong, in a line
   */
  CheckpointFolder(
      String trialId,
      Path folder,
      Configuration hadoop,
      Runnable interruptAgain,
      Consumer<String> report)
      throws IOException {
    this.trialId = trialId;
    this.folder = folder;
    this.hadoop = hadoop;
    this.files = folder.getFileSystem(hadoop);
    this.interruptAgain = interruptAgain;
    this.report = report;
  }

  /**
   * Counts one attempt more, whatever becomes of it.
   *
   * @return its number, 1 for the first
   */
  int beginAttempt() throws IOException {
    int number = (int) names().stream().filter(name -> name.startsWith(ATTEMPT)).count() + 1;
    files.create(new Path(folder, ATTEMPT + number), true).close();
    return number;
  }

  /** The position of a folder's newest checkpoint, sound or not; empty if there is none. */
  static String position(Path folder, Configuration hadoop) throws IOException {
    List<String> names =
        new CheckpointFolder("", folder, hadoop, () -> {}, line -> {}).newestFirst();
    return names.isEmpty() ? "" : names.get(0);
  }

  /** How many attempts a folder has seen since the newest checkpoint in it was written. */
  static int attemptsInVain(Path folder, Configuration hadoop) throws IOException {
    List<FileStatus> all = List.of(folder.getFileSystem(hadoop).listStatus(folder));
    long newest =
        all.stream()
            .filter(file -> isCheckpoint(file.getPath().getName()))
            .mapToLong(FileStatus::getModificationTime)
            .max()
            .orElse(Long.MIN_VALUE);
    return (int)
        all.stream()
            .filter(file -> file.getPath().getName().startsWith(ATTEMPT))
            .filter(file -> file.getModificationTime() > newest)
            .count();
  }

  @Override
  public Optional<Checkpoint> newest() {
    try {
      for (String name : newestFirst()) {
        Path path = new Path(folder, name);
        try {
          return Optional.of(read(path));
        } catch (FileNotFoundException gone) {
          LOG.debug("another attempt has come further", gone);
        } catch (IOException damaged) {
          stopIfInterrupted();
          report.accept("checkpoint %s is not used: %s".formatted(path, damaged.getMessage()));
          if (damaged instanceof TensorFormatException || damaged instanceof ChecksumException) {
            files.delete(path, false);
          }
        }
      }
    } catch (IOException unreadable) {
      stopIfInterrupted();
      report.accept(
          "checkpoints in %s cannot be listed: %s".formatted(folder, unreadable.getMessage()));
    } finally {
      interruptAgain.run();
    }
    return Optional.empty();
  }

  @Override
  public void save(Checkpoint checkpoint) {
    Path path = new Path(folder, checkpoint.position() + SUFFIX);
    try {
      if (!files.exists(folder)) {
        // A twin has ended the trial, and the driver has cleared up: nothing is to come back.
        throw new FileNotFoundException("its folder is gone");
      }
      AtomicFile.write(path, hadoop, beside -> write(checkpoint, beside));
      List<String> names = newestFirst();
      for (String name : names.subList(Math.min(KEPT, names.size()), names.size())) {
        files.delete(new Path(folder, name), false);
      }
    } catch (IOException refused) {
      stopIfInterrupted();
      report.accept("checkpoint %s cannot be written: %s".formatted(path, refused.getMessage()));
    } finally {
      interruptAgain.run();
    }
  }

  @Override
  public void discard(String reason) {
    report.accept("checkpoints in %s are not used: %s".formatted(folder, reason));
    try {
      for (String name : newestFirst()) {
        files.delete(new Path(folder, name), false);
      }
    } catch (IOException refused) {
      stopIfInterrupted();
      report.accept(
          "checkpoints in %s cannot be deleted: %s".formatted(folder, refused.getMessage()));
    } finally {
      interruptAgain.run();
    }
  }

  private Checkpoint read(Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      TensorFile file = Safetensors.read(in, files.getFileStatus(path).getLen());
      Checkpoint checkpoint = Checkpoint.of(file);
      if (!checkpoint.trialId().equals(trialId)) {
        checkpoint.close();
        throw new IOException("it is of trial " + checkpoint.trialId());
      }
      return checkpoint;
    }
  }

  private void write(Checkpoint checkpoint, Path beside) throws IOException {
    try (OutputStream out = new BufferedOutputStream(files.create(beside), 1 << 16)) {
      Safetensors.write(checkpoint.toFile(), out);
    }
  }

  private List<String> newestFirst() throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : names()) {
      if (isCheckpoint(name)) {
        names.add(name);
      }
    }
    names.sort(Collections.reverseOrder());
    return names;
  }

  private static boolean isCheckpoint(String name) {
    return name.endsWith(SUFFIX) && !name.startsWith("_");
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(folder)) {
        names.add(status.getPath().getName());
      }
    } catch (FileNotFoundException empty) {
      return names;
    }
    return names;
  }

  /** A file system whose thread is interrupted fails with an IOException of one kind or another. */
  private void stopIfInterrupted() {
    interruptAgain.run();
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while keeping a checkpoint");
    }
  }
}
