package org.tbptt.sweep.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.tbptt.sweep.results.AtomicFile;

/** The file of a sweep's lock, which names its holder. */
final class LockFile {

  private final FileSystem files;
  private final Path path;
  private final boolean inObjectStore;

  LockFile(Path path, Configuration hadoop) throws IOException {
    this.files = withoutChecksums(path.getFileSystem(hadoop));
    this.path = path;
    this.inObjectStore = AtomicFile.isInObjectStore(path, hadoop);
  }

  /**
   * A local file system keeps a file's checksum in a second file: drivers that rename the same lock
   * at the same moment could leave one's lock with another's checksum.
   */
  private static FileSystem withoutChecksums(FileSystem files) {
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /**
   * Whether it is in an object store: {@link #create} replaces a lock that somebody else creates at
   * the same time, and {@link #renew} one that was taken over after the check.
   */
  boolean isInObjectStore() {
    return inObjectStore;
  }

  /** Who holds the lock; empty if nobody does. */
  Optional<LockHolder> holder() throws IOException {
    return holder(path);
  }

  private Optional<LockHolder> holder(Path of) throws IOException {
    try (FSDataInputStream in = files.open(of)) {
      return Optional.of(LockHolder.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (FileNotFoundException free) {
      return Optional.empty();
    } catch (ChecksumException torn) {
      return Optional.of(LockHolder.UNKNOWN);
    }
  }

  /**
   * Whether it was written just now. The file system's clock alone tells that, from the times that
   * it gives to this file and to one that is written for it: drivers' clocks may differ as they
   * like.
   */
  boolean isWrittenWithin(Duration time) throws IOException {
    Path probe = AtomicFile.temporary(path);
    try {
      files.create(probe, true).close();
      long now = files.getFileStatus(probe).getModificationTime();
      long written = files.getFileStatus(path).getModificationTime();
      return now - written < time.toMillis();
    } catch (FileNotFoundException given) {
      return false; // it has been given back meanwhile
    } catch (FSError refused) {
      throw AtomicFile.refusal(refused);
    } finally {
      files.delete(probe, false);
    }
  }

  /** When it was written, in milliseconds of the file system's clock; 0 if there is no lock. */
  long written() throws IOException {
    try {
      return files.getFileStatus(path).getModificationTime();
    } catch (FileNotFoundException free) {
      return 0;
    }
  }

  /**
   * @throws org.apache.hadoop.fs.FileAlreadyExistsException if somebody holds the lock, but not in
   *     an object store
   */
  void create(LockHolder holder) throws IOException {
    if (inObjectStore) {
      AtomicFile.write(path, files.getConf(), temporary -> write(temporary, holder));
      return;
    }
    AtomicFile.create(path, files.getConf(), temporary -> write(temporary, holder));
  }

  /**
   * Writes it anew.
   *
   * @param check whether the holder still holds it, when all but the rename is done: whoever takes
   *     over after this deletes what is temporary, so that it cannot replace the new lock
   */
  void renew(LockHolder holder, Check check) throws IOException {
    AtomicFile.write(
        path,
        files.getConf(),
        temporary -> {
          write(temporary, holder);
          check.run();
        });
  }

  /** Fails if a file is not to be written. */
  interface Check {
    void run() throws IOException;
  }

  private void write(Path to, LockHolder holder) throws IOException {
    FileSystem there = withoutChecksums(to.getFileSystem(files.getConf()));
    try (FSDataOutputStream out = there.create(to)) {
      out.write(holder.text().getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Takes a holder's lock away. Of several drivers that try, one can rename the file; should that
   * be the lock of a driver that was faster meanwhile, it is put back.
   */
  void clear(LockHolder holder) throws IOException {
    if (inObjectStore) {
      if (holder().equals(Optional.of(holder))) {
        files.delete(path, false);
      }
      return;
    }
    Path away = AtomicFile.temporary(path);
    try {
      if (!files.rename(path, away)) {
        return;
      }
    } catch (FileNotFoundException gone) {
      return;
    }
    Optional<LockHolder> found = holder(away); // none, if another one has cleared that up as well
    if (found.equals(Optional.of(holder))) {
      files.delete(away, false);
    } else if (found.isPresent()) {
      files.rename(away, path);
    }
  }

  /** Deletes what drivers that were killed have left temporary. */
  void deleteUnfinished() throws IOException {
    for (Path left : AtomicFile.unfinished(path, files.getConf())) {
      files.delete(left, false);
    }
  }

  /** Deletes what a driver has left temporary that was killed or suspended while it wrote. */
  void deleteUnfinished(LockHolder dead) throws IOException {
    for (Path left : AtomicFile.unfinished(path, files.getConf())) {
      if (holder(left).equals(Optional.of(dead))) {
        files.delete(left, false);
      }
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
