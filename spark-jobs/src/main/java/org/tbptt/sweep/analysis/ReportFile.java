package org.tbptt.sweep.analysis;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.tbptt.sweep.config.KnownFileSystem;
import org.tbptt.sweep.results.AtomicFile;
import org.tbptt.sweep.results.ResultsException;

/** Where a report is written to, on any file system that Hadoop knows. */
public final class ReportFile {

  private final Path target;
  private final Configuration hadoop;

  /**
   * Names the file; nothing is written yet.
   *
   * @throws ResultsException if it is a folder or on a file system that Hadoop does not know
   */
  public ReportFile(String uri, Configuration hadoop) {
    this.hadoop = hadoop;
    try {
      Path path = new Path(uri);
      FileSystem files = KnownFileSystem.of(path, hadoop);
      this.target = files.makeQualified(path);
      if (files.exists(target) && files.getFileStatus(target).isDirectory()) {
        throw new ResultsException("--output " + uri + ": is a folder, must be a file");
      }
    } catch (IOException | IllegalArgumentException unusable) {
      throw new ResultsException("--output " + uri + ": " + unusable.getMessage(), unusable);
    }
  }

  /**
   * Puts the page in place of what was there. Who reads meanwhile sees one or the other.
   *
   * @throws ResultsException if the file system refuses
   */
  public void write(String page) {
    try {
      AtomicFile.write(target, hadoop, beside -> write(beside, page));
    } catch (IOException refused) {
      throw new ResultsException("cannot write " + target + ": " + refused.getMessage(), refused);
    }
  }

  private void write(Path file, String page) throws IOException {
    // A file system of its own, for it is told to put no .crc file beside the page.
    try (FileSystem files = FileSystem.newInstance(file.toUri(), hadoop)) {
      files.setWriteChecksum(false);
      try (OutputStream stream = files.create(file)) {
        stream.write(page.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** The qualified URI. */
  @Override
  public String toString() {
    return target.toString();
  }
}
