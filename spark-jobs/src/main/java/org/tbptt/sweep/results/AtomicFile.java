package org.tbptt.sweep.results;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Writes files that are there whole or not at all: to a temporary file, which is then renamed. On a
 * local disk the bytes are forced to the disk before the rename, so that this holds after a loss of
 * power, too. In an object store, where a rename is a copy, the temporary file is a local one that
 * is stored under the target's name.
 */
public final class AtomicFile {

  /** How names of temporary files begin; Spark skips files with an underscore. */
  static final String TEMPORARY = "_writing-";

  private AtomicFile() {}

  /**
   * Writes a file, in place of one that was there.
   *
   * @throws IOException if the file system refuses; the target is then as it was
   */
  public static void write(Path target, Configuration hadoop, Writer writer) throws IOException {
    if (isInObjectStore(target, hadoop)) {
      store(target, hadoop, writer);
    } else {
      write(target, hadoop, writer, AtomicFile::rename);
    }
  }

  /**
   * Whether a file system is an object store: a file appears in it when its stream is closed, whole
   * and in place of an old one. Those that can drop a stream instead are such; Spark's streaming
   * tells them in the same way.
   */
  public static boolean isInObjectStore(Path path, Configuration hadoop) throws IOException {
    return path.getFileSystem(hadoop)
        .hasPathCapability(path, CommonPathCapabilities.ABORTABLE_STREAM);
  }

  /**
   * Writes a file that is not there yet.
   *
   * @throws org.apache.hadoop.fs.FileAlreadyExistsException if it is
   * @throws IOException if the file system refuses; there is no target then
   */
  public static void create(Path target, Configuration hadoop, Writer writer) throws IOException {
    write(
        target,
        hadoop,
        writer,
        (temporary, to, by) ->
            FileContext.getFileContext(to.toUri(), by).rename(temporary, to, Options.Rename.NONE));
  }

  /** A path in the folder of a file for what must not stay; its name says so if it does. */
  public static Path temporary(Path target) {
    return new Path(target.getParent(), TEMPORARY + UUID.randomUUID() + "-" + target.getName());
  }

  /** Temporary files of a target: somebody is writing it, or was killed before the rename. */
  public static List<Path> unfinished(Path target, Configuration hadoop) throws IOException {
    return Arrays.stream(target.getFileSystem(hadoop).listStatus(target.getParent()))
        .map(FileStatus::getPath)
        .filter(path -> path.getName().startsWith(TEMPORARY))
        .filter(path -> path.getName().endsWith("-" + target.getName()))
        .toList();
  }

  /** Gives a file another name, in place of one that was there, in a folder that may be new. */
  static void move(Path from, Path to, Configuration hadoop) throws IOException {
    if (isInObjectStore(to, hadoop)) {
      FileSystem files = to.getFileSystem(hadoop);
      store(to, hadoop, temporary -> files.copyToLocalFile(false, from, temporary, true));
      files.delete(from, false);
    } else {
      to.getFileSystem(hadoop).mkdirs(to.getParent());
      rename(from, to, hadoop);
    }
  }

  private static void rename(Path from, Path to, Configuration hadoop) throws IOException {
    // On a local disk the first way replaces in one step, where FileContext deletes the old file
    // and starts four processes. Others refuse it where there is an old file, and have the second.
    if (!renamed(from, to, hadoop)) {
      FileContext.getFileContext(to.toUri(), hadoop).rename(from, to, Options.Rename.OVERWRITE);
    }
  }

  private static boolean renamed(Path from, Path to, Configuration hadoop) throws IOException {
    try {
      return from.getFileSystem(hadoop).rename(from, to);
    } catch (FileAlreadyExistsException refused) {
      return false;
    }
  }

  private static void write(Path target, Configuration hadoop, Writer writer, Move move)
      throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    Path temporary = temporary(target);
    try {
      writer.writeTo(temporary);
      if (files instanceof QuietLocalFileSystem local) {
        local.force(temporary);
      }
      move.rename(temporary, target, hadoop);
    } catch (FSError full) {
      IOException refused = refusal(full);
      discard(temporary, files, refused);
      throw refused;
    } catch (IOException | RuntimeException | Error failure) {
      discard(temporary, files, failure);
      throw failure;
    }
  }

  /** Deletes what has no use after a failure, which stays the one to tell if that fails, too. */
  private static void discard(Path temporary, FileSystem files, Throwable failure) {
    try {
      files.delete(temporary, false);
    } catch (IOException | RuntimeException refused) {
      failure.addSuppressed(refused);
    }
  }

  private static void store(Path target, Configuration hadoop, Writer writer) throws IOException {
    java.nio.file.Path folder = Files.createTempDirectory("tbptt-");
    java.nio.file.Path local = folder.resolve(target.getName());
    try {
      writer.writeTo(new Path(local.toUri()));
      FSDataOutputStream out = target.getFileSystem(hadoop).create(target, true);
      try {
        Files.copy(local, out);
      } catch (IOException | RuntimeException failure) {
        out.abort(); // closing it would store a part
        throw failure;
      }
      out.close();
    } catch (FSError refused) {
      throw refusal(refused);
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  /** Hadoop's local file system throws an Error, of a full disk, too, where others throw this. */
  public static IOException refusal(FSError refused) {
    return new IOException(refused.getCause().getMessage(), refused);
  }

  private interface Move {
    void rename(Path temporary, Path target, Configuration hadoop) throws IOException;
  }

  /** Writes a file where it is told to, which may be in another file system than the target. */
  public interface Writer {
    void writeTo(Path temporary) throws IOException;
  }
}
