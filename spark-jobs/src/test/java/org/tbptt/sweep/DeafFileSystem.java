package org.tbptt.sweep;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The local file system under the name deaf:/path. Like Hadoop's where it runs a command, it
 * swallows an interrupt of the thread that reads or writes.
 */
public final class DeafFileSystem extends OddFileSystem {

  private static final long MILLISECONDS = 200;

  private static volatile CountDownLatch reading = new CountDownLatch(1);
  private static volatile CountDownLatch writing = new CountDownLatch(1);

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    reading.countDown();
    hearNothing();
    return super.open(file, bufferSize);
  }

  @Override
  protected void creating(Path file) {
    writing.countDown();
    hearNothing();
  }

  private static void hearNothing() {
    try {
      Thread.sleep(MILLISECONDS);
    } catch (InterruptedException swallowed) {
      return;
    }
  }

  /** Waits until somebody is in the middle of reading a file. */
  public static void awaitReading() throws InterruptedException {
    reading = new CountDownLatch(1);
    reading.await();
  }

  /** Waits until somebody is in the middle of writing a file. */
  public static void awaitWriting() throws InterruptedException {
    writing = new CountDownLatch(1);
    writing.await();
  }
}
