package org.tbptt.sweep;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The local file system under the name deaf:/path. Like Hadoop's where it runs a command, it
 * swallows an interrupt of the thread that reads.
 */
public final class DeafFileSystem extends RawLocalFileSystem {

  private static final long READING_MILLISECONDS = 200;

  private static volatile CountDownLatch reading = new CountDownLatch(1);

  @Override
  public String getScheme() {
    return "deaf";
  }

  @Override
  public URI getUri() {
    return URI.create("deaf:///");
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    reading.countDown();
    try {
      Thread.sleep(READING_MILLISECONDS);
    } catch (InterruptedException swallowed) {
      return super.open(file, bufferSize);
    }
    return super.open(file, bufferSize);
  }

  /** Waits until somebody is in the middle of reading a file. */
  public static void awaitReading() throws InterruptedException {
    reading = new CountDownLatch(1);
    reading.await();
  }

  /** What Hadoop's FileContext wants beside a FileSystem. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
      super(uri, new DeafFileSystem(), hadoop, "deaf", false);
    }
  }

  /** Makes deaf: known to a configuration. */
  public static void register(Configuration hadoop) {
    hadoop.set("fs.deaf.impl", DeafFileSystem.class.getName());
    hadoop.set("fs.AbstractFileSystem.deaf.impl", Context.class.getName());
  }
}
