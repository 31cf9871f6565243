package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Files that are there whole or not at all: written beside and renamed. On a local disk that holds
 * after a loss of power, too: what is deleted because of them is deleted after their bytes are on
 * the disk.
 */
public final class WholeFile {

  /** How names of files begin that are not whole yet; Spark skips those with an underscore. */
  static final String BESIDE = "_writing-";

  private WholeFile() {}

  /**
   * Writes a file, in place of one that was there.
   *
   * @throws IOException if the file system refuses; the target is then as it was
   */
  public static void write(Path target, Configuration hadoop, Writer writer) throws IOException {
    write(target, hadoop, writer, WholeFile::move);
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
        (beside, to, by) ->
            FileContext.getFileContext(to.toUri(), by).rename(beside, to, Options.Rename.NONE));
  }

  /** A path beside a file for what is not to stay, and is known for that if it does. */
  public static Path beside(Path target) {
    return new Path(target.getParent(), BESIDE + UUID.randomUUID() + "-" + target.getName());
  }

  /** What stands beside a file: somebody is writing it, or was killed before it was whole. */
  public static List<Path> unfinished(Path target, Configuration hadoop) throws IOException {
    return Arrays.stream(target.getFileSystem(hadoop).listStatus(target.getParent()))
        .map(FileStatus::getPath)
        .filter(path -> path.getName().startsWith(BESIDE))
        .filter(path -> path.getName().endsWith("-" + target.getName()))
        .toList();
  }

  /** Renames a file, in place of one that was there. */
  static void move(Path from, Path to, Configuration hadoop) throws IOException {
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
    Path beside = beside(target);
    try {
      writer.writeTo(beside);
      if (files instanceof QuietLocalFileSystem local) {
        local.force(beside);
      }
      move.rename(beside, target, hadoop);
    } finally {
      files.delete(beside, false);
    }
  }

  private interface Move {
    void rename(Path beside, Path target, Configuration hadoop) throws IOException;
  }

  /** Writes a file where it is told to. */
  public interface Writer {
    void writeTo(Path beside) throws IOException;
  }
}
