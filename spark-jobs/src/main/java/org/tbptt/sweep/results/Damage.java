package org.tbptt.sweep.results;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.converter.ParquetMetadataConverter;

/** Tells Parquet files that are cut off or garbled from those that cannot be read now. */
final class Damage {

  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};

  /** Nanoseconds: a local file and its checksum are renamed one after the other. */
  static final long BEFORE_ANOTHER_LOOK = TimeUnit.MILLISECONDS.toNanos(50);

  private Damage() {}

  /**
   * Why a file is not whole, in one line; empty if it is. It is looked at twice: of one that is
   * replaced meanwhile the first look may see one half, and the other half of the new one.
   *
   * @throws FileNotFoundException if it is not there
   * @throws IOException if that cannot be told: the file may be whole but cannot be read now
   */
  static Optional<String> of(Path file, Configuration hadoop) throws IOException {
    if (look(file, hadoop).isEmpty()) {
      return Optional.empty();
    }
    LockSupport.parkNanos(BEFORE_ANOTHER_LOOK);
    return look(file, hadoop);
  }

  private static Optional<String> look(Path file, Configuration hadoop) throws IOException {
    byte[] footer;
    try {
      footer = footer(file, file.getFileSystem(hadoop));
    } catch (FileNotFoundException gone) {
      throw gone;
    } catch (DamagedException | EOFException | ChecksumException damaged) {
      return Optional.of(firstLine(damaged));
    } catch (IOException | RuntimeException unreadable) {
      // A missing block, a lack of permission, an interrupt: the file may be whole.
      throw new IOException(file + " cannot be read: " + firstLine(unreadable), unreadable);
    }
    try {
      new ParquetMetadataConverter()
          .readParquetMetadata(
              new ByteArrayInputStream(footer), ParquetMetadataConverter.NO_FILTER);
      return Optional.empty();
    } catch (IOException | RuntimeException senseless) { // of bytes in memory
      return Optional.of(firstLine(senseless));
    }
  }

  /** The file's end: what the footer's length and the magic word stand behind. */
  private static byte[] footer(Path file, FileSystem files) throws IOException {
    long length = files.getFileStatus(file).getLen();
    refuseIf(length < 2 * MAGIC.length + Integer.BYTES, length + " bytes are too few");
    try (FSDataInputStream in = files.open(file)) {
      byte[] end = new byte[Integer.BYTES + MAGIC.length];
      in.readFully(length - end.length, end);
      refuseIf(
          !Arrays.equals(end, Integer.BYTES, end.length, MAGIC, 0, MAGIC.length),
          "it does not end as a Parquet file");
      int bytes = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
      refuseIf(
          bytes < 0 || bytes > length - MAGIC.length - end.length,
          "a footer of " + bytes + " bytes cannot be in a file of " + length);
      byte[] footer = new byte[bytes];
      in.readFully(length - end.length - bytes, footer);
      return footer;
    }
  }

  private static void refuseIf(boolean wrong, String message) throws DamagedException {
    if (wrong) {
      throw new DamagedException(message);
    }
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** What was read is not a whole Parquet file. */
  private static final class DamagedException extends IOException {
    DamagedException(String message) {
      super(message);
    }
  }
}
