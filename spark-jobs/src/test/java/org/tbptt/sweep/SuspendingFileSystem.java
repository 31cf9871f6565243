package org.tbptt.sweep;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiPredicate;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The local file system under the name suspending:/path, for a process that is suspended at some
 * operation: that one and all that follow wait until the process is resumed.
 */
public final class SuspendingFileSystem extends OddFileSystem {

  private static volatile BiPredicate<String, Path> where = SuspendingFileSystem::nowhere;
  private static volatile CountDownLatch suspended = new CountDownLatch(1);
  private static volatile CountDownLatch resumed = new CountDownLatch(1);

  /**
   * Suspends before the next such operation.
   *
   * @param where by open, create, rename or delete, and the file
   */
  public static void suspendAt(BiPredicate<String, Path> where) {
    suspended = new CountDownLatch(1);
    resumed = new CountDownLatch(1);
    SuspendingFileSystem.where = where;
  }

  /** Waits until somebody has come there. */
  public static void awaitSuspended() throws InterruptedException {
    suspended.await();
  }

  public static void resume() {
    where = SuspendingFileSystem::nowhere;
    resumed.countDown();
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    pass("open", file);
    return super.open(file, bufferSize);
  }

  @Override
  protected void creating(Path file) {
    pass("create", file);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    pass("rename", from);
    return super.rename(from, to);
  }

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    pass("delete", file);
    return super.delete(file, recursive);
  }

  private static boolean nowhere(String operation, Path file) {
    return false;
  }

  private static void pass(String operation, Path file) {
    if (where.test(operation, file)) {
      where = (any, of) -> true;
      suspended.countDown();
      try {
        resumed.await();
      } catch (InterruptedException hurried) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
