package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepActivityTest {

  @TempDir private Path folder;

  @Test
  void aSweepRunsWhileItsLockIsWrittenAnew() throws Exception {
    Path lock = folder.resolve("lock");
    AtomicLong now = new AtomicLong(1);
    SweepActivity activity =
        new SweepActivity(
            new LockFile(new org.apache.hadoop.fs.Path(lock.toUri()), new Configuration()),
            now::get);
    assertThat(activity.isRunning()).as("without a lock").isFalse();

    Files.writeString(lock, "somebody");
    assertThat(activity.isRunning()).isTrue();
    now.addAndGet(TimeUnit.SECONDS.toNanos(19));
    assertThat(activity.isRunning()).isTrue();
    now.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertThat(activity.isRunning()).as("of a driver that is dead").isFalse();

    Files.setLastModifiedTime(lock, FileTime.fromMillis(1_700_000_000_000L));
    assertThat(activity.isRunning()).as("renewed, by a clock that may be any").isTrue();
    Files.delete(lock);
    assertThat(activity.isRunning()).as("given back").isFalse();
  }
}
