package org.tbptt.sweep.run;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
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

  private final PlannedTrial trial;
  private final Path folder;
  private final Configuration hadoop;
  private final FileSystem files;
  private final Runnable interruptAgain;
  private final Consumer<SweepEvent.OfTrial> events;

  /**
   * @param folder which need not be there
   * @param interruptAgain interrupts the calling thread if it has been interrupted before: a file
   *     system may swallow that
   * @param events told of what is saved, and of what goes wrong
   */
  CheckpointFolder(
      PlannedTrial trial,
      Path folder,
      Configuration hadoop,
      Runnable interruptAgain,
      Consumer<SweepEvent.OfTrial> events)
      throws IOException {
    this.trial = trial;
    this.folder = folder;
    this.hadoop = hadoop;
    this.files = folder.getFileSystem(hadoop);
    this.interruptAgain = interruptAgain;
    this.events = events;
  }

  /**
   * Counts one attempt more, whatever becomes of it.
   *
   * @return its number, 1 for the first
   */
  int beginAttempt() throws IOException {
    int number = (int) names().stream().filter(CheckpointFolder::isAttempt).count() + 1;
    files.create(new Path(folder, ATTEMPT + number), true).close();
    return number;
  }

  @Override
  public Optional<Checkpoint> newest() {
    try {
      for (String name : newestFirst()) {
        Path path = new Path(folder, name);
        try {
          return Optional.of(read(path));
        } catch (FileNotFoundException gone) {
          LOG.debug("another attempt is ahead", gone);
        } catch (IOException damaged) {
          stopIfInterrupted();
          failed("checkpoint %s is not used: %s".formatted(path, damaged.getMessage()));
          if (damaged instanceof TensorFormatException || damaged instanceof ChecksumException) {
            files.delete(path, false);
          }
        }
      }
    } catch (IOException unreadable) {
      stopIfInterrupted();
      failed("checkpoints in %s cannot be listed: %s".formatted(folder, unreadable.getMessage()));
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
      events.accept(new SweepEvent.CheckpointSaved(trial, checkpoint.position()));
      List<String> names = newestFirst();
      for (String name : names.subList(Math.min(KEPT, names.size()), names.size())) {
        files.delete(new Path(folder, name), false);
      }
    } catch (IOException refused) {
      stopIfInterrupted();
      failed("checkpoint %s cannot be written: %s".formatted(path, refused.getMessage()));
    } finally {
      interruptAgain.run();
    }
  }

  @Override
  public void discard(String reason) {
    failed("checkpoints in %s are not used: %s".formatted(folder, reason));
    try {
      for (String name : newestFirst()) {
        files.delete(new Path(folder, name), false);
      }
    } catch (IOException refused) {
      stopIfInterrupted();
      failed("checkpoints in %s cannot be deleted: %s".formatted(folder, refused.getMessage()));
    } finally {
      interruptAgain.run();
    }
  }

  private void failed(String problem) {
    events.accept(new SweepEvent.CheckpointFailed(trial, problem));
  }

  private Checkpoint read(Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      TensorFile file = Safetensors.read(in, files.getFileStatus(path).getLen());
      Checkpoint checkpoint = Checkpoint.of(file);
      if (!checkpoint.trialId().equals(trial.id())) {
        checkpoint.close();
        throw new IOException("it is of trial " + checkpoint.trialId());
      }
      return checkpoint;
    }
  }

  private void write(Checkpoint checkpoint, Path beside) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(beside.getFileSystem(hadoop).create(beside), 1 << 16)) {
      Safetensors.write(checkpoint.toFile(), out);
    }
  }

  private List<String> newestFirst() throws IOException {
    return names().stream()
        .filter(CheckpointFolder::isCheckpoint)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  static boolean isCheckpoint(String name) {
    return name.endsWith(SUFFIX) && !name.startsWith("_");
  }

  static boolean isAttempt(String name) {
    return name.startsWith(ATTEMPT);
  }

  /** Of a checkpoint by its file's name. */
  static String position(String name) {
    return name.substring(0, name.length() - SUFFIX.length());
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
