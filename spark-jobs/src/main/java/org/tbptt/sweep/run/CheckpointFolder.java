package org.tbptt.sweep.run;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSError;
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
import org.tbptt.sweep.results.ModelStore;

/**
 * What is kept of one running trial, in a folder of any file system that Hadoop knows: its
 * checkpoints and the models of its best epochs. Names tell how far they have come; the two that
 * have come furthest are kept. Several attempts of the same trial may write here at the same time:
 * what they write at one position differs in nothing but the time that it took.
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
  private final BestModel model;
  private final Runnable interruptAgain;
  private final Consumer<SweepEvent.OfTrial> events;
  private Path attempt; // the file that counts this one; null before it has begun

  /**
   * @param folder which need not be there
   * @param model is stored before a checkpoint that knows of its epoch
   * @param interruptAgain interrupts the calling thread if it has been interrupted before: a file
   *     system may swallow that
   * @param events told of what is saved, and of what goes wrong
   */
  CheckpointFolder(
      PlannedTrial trial,
      Path folder,
      Configuration hadoop,
      BestModel model,
      Runnable interruptAgain,
      Consumer<SweepEvent.OfTrial> events)
      throws IOException {
    this.trial = trial;
    this.folder = folder;
    this.hadoop = hadoop;
    this.files = folder.getFileSystem(hadoop);
    this.model = model;
    this.interruptAgain = interruptAgain;
    this.events = events;
  }

  /**
   * Counts one attempt more, whatever becomes of it.
   *
   * @return its number, 1 for the first
   */
  int beginAttempt() throws IOException {
    Path begun = new Path(folder, ATTEMPT + UUID.randomUUID());
    try {
      files.create(begun, true).close();
    } catch (FSError refused) {
      throw AtomicFile.refusal(refused);
    }
    attempt = begun;
    return (int) list().stream().filter(CheckpointFolder::isAttempt).count();
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
      List<String> before = list();
      storeModel(before);
      put(path, beside -> write(checkpoint, beside));
      events.accept(new SweepEvent.CheckpointSaved(trial, checkpoint.position()));
      List<String> names =
          Stream.concat(before.stream(), Stream.of(path.getName()))
              .filter(CheckpointFolder::isCheckpoint)
              .distinct()
              .sorted(Comparator.reverseOrder())
              .toList();
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

  /** Stores the model of the best epoch, if no checkpoint has been saved since. */
  void storeModel() {
    if (model.epoch().isEmpty()) {
      return;
    }
    try {
      storeModel(list());
    } catch (IOException refused) {
      notStored(refused);
    } finally {
      interruptAgain.run();
    }
  }

  /** A file system that refuses costs the model, not the trial. */
  private void storeModel(List<String> before) {
    if (model.epoch().isEmpty()) {
      return;
    }
    String name = ModelStore.runningName(model.epoch().getAsInt());
    try {
      put(
          new Path(folder, name),
          beside -> {
            try (OutputStream out = beside.getFileSystem(hadoop).create(beside, true)) {
              model.writeTo(out);
            }
          });
      model.stored();
      // Each was the best when it was written, so the last one is the best. What an attempt that
      // has come further has written is not this one's.
      List<String> older =
          before.stream()
              .filter(each -> ModelStore.isRunning(each) && each.compareTo(name) < 0)
              .sorted()
              .toList();
      for (String each : older.subList(0, Math.max(0, older.size() - 1))) {
        files.delete(new Path(folder, each), false);
      }
    } catch (IOException refused) {
      notStored(refused);
    }
  }

  private void notStored(IOException refused) {
    stopIfInterrupted();
    LOG.warn("the model of trial {} is not stored: {}", trial.id(), refused.getMessage());
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

  /**
   * Writes a file, if the folder stays. A write brings a folder back that the driver deletes at the
   * same moment; without the file that counts this attempt.
   *
   * @throws FileNotFoundException if that has happened; the folder is gone again
   */
  private void put(Path path, AtomicFile.Writer writer) throws IOException {
    AtomicFile.write(path, hadoop, writer);
    if (attempt != null && !files.exists(attempt)) {
      files.delete(path, false);
      if (files.listStatus(folder).length == 0) {
        files.delete(folder, false);
      }
      throw folderIsGone();
    }
  }

  private void write(Checkpoint checkpoint, Path beside) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(beside.getFileSystem(hadoop).create(beside), 1 << 16)) {
      Safetensors.write(checkpoint.toFile(), out);
    }
  }

  private List<String> newestFirst() throws IOException {
    try {
      return list().stream()
          .filter(CheckpointFolder::isCheckpoint)
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  static boolean isCheckpoint(String name) {
    return name.endsWith(SUFFIX) && !name.startsWith("_") && !ModelStore.isRunning(name);
  }

  static boolean isAttempt(String name) {
    return name.startsWith(ATTEMPT);
  }

  /** Of a checkpoint by its file's name. */
  static String position(String name) {
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /**
   * @throws FileNotFoundException if a twin has ended the trial, and the driver has cleared up:
   *     nothing is to come back then
   */
  private List<String> list() throws IOException {
    try {
      return Stream.of(files.listStatus(folder)).map(each -> each.getPath().getName()).toList();
    } catch (FileNotFoundException gone) {
      throw folderIsGone();
    }
  }

  private static FileNotFoundException folderIsGone() {
    return new FileNotFoundException("its folder is gone");
  }

  /** A file system whose thread is interrupted fails with an IOException of one kind or another. */
  private void stopIfInterrupted() {
    interruptAgain.run();
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while keeping a checkpoint");
    }
  }
}
