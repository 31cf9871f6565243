package org.tbptt.sweep.run;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;

/** Whether a driver runs a sweep, seen by somebody who only reads: its lock is written anew. */
public final class SweepActivity {

  private final LockFile file;
  private final LongSupplier clock; // nanoseconds
  private long written; // by the file system's clock
  private long seen; // when that was first found, by this machine's

  /**
   * Of a sweep in the results.
   *
   * @throws ResultsException if they cannot be read
   */
  public SweepActivity(ResultsStore results, String sweep) {
    this(lock(results, sweep), System::nanoTime);
  }

  SweepActivity(LockFile file, LongSupplier clock) {
    this.file = file;
    this.clock = clock;
  }

  private static LockFile lock(ResultsStore results, String sweep) {
    try {
      return new LockFile(results.lockFile(sweep), results.hadoop());
    } catch (IOException unreadable) {
      throw unreadable(unreadable);
    }
  }

  /**
   * A driver that was killed counts as running until its lock has expired.
   *
   * @throws ResultsException if the lock cannot be read
   */
  public boolean isRunning() {
    try {
      long now = file.written();
      if (now != written) {
        written = now;
        seen = clock.getAsLong();
      }
      return now != 0 && clock.getAsLong() - seen < SweepLock.LEASE.toNanos();
    } catch (IOException unreadable) {
      throw unreadable(unreadable);
    }
  }

  private static ResultsException unreadable(IOException unreadable) {
    return new ResultsException(
        "--results: the sweep's lock cannot be read: " + unreadable.getMessage(), unreadable);
  }
}
