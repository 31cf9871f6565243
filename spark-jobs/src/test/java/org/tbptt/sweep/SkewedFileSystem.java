package org.tbptt.sweep;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system under the name skewed:/path, with a clock that is hours ahead. */
public final class SkewedFileSystem extends RawLocalFileSystem {

  private static final Duration AHEAD = Duration.ofHours(7);

  @Override
  public String getScheme() {
    return "skewed";
  }

  @Override
  public URI getUri() {
    return URI.create("skewed:///");
  }

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    FileStatus there = super.getFileStatus(file);
    return new FileStatus(
        there.getLen(),
        there.isDirectory(),
        there.getReplication(),
        there.getBlockSize(),
        there.getModificationTime() + AHEAD.toMillis(),
        file);
  }

  /** What Hadoop's FileContext wants beside a FileSystem. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
      super(uri, new SkewedFileSystem(), hadoop, "skewed", false);
    }
  }

  /** Makes skewed: known to a configuration. */
  public static void register(Configuration hadoop) {
    hadoop.set("fs.skewed.impl", SkewedFileSystem.class.getName());
    hadoop.set("fs.AbstractFileSystem.skewed.impl", Context.class.getName());
  }
}
