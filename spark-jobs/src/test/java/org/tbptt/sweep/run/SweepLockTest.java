package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.DeafFileSystem;
import org.tbptt.sweep.FullFileSystem;
import org.tbptt.sweep.ObjectStoreFileSystem;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.SkewedFileSystem;

class SweepLockTest {

  private static final LockHolder ELSEWHERE =
      new LockHolder(
          "elsewhere", "elsewhere's", 4711, Instant.parse("2100-01-01T00:00:00Z"), "token");

  @TempDir private Path folder;

  @Test
  void aSecondDriverIsToldOfTheFirst() throws Exception {
    try (SweepLock first = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(SweepException.class)
          .hasMessageMatching(
              "sweep a is being run by another driver: process %d on \\S+, since \\S+; its lock is file:%s"
                  .formatted(ProcessHandle.current().pid(), file()));
      first.check();
    }
    assertThat(file()).doesNotExist();
    take().close();
  }

  @Test
  void aDriverThatIsInterruptedGivesItBack() throws Exception {
    SweepLock lock = take();
    Thread.currentThread().interrupt();
    lock.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(file()).doesNotExist();
  }

  @Test
  void inAnObjectStoreOneOfManyThatBeginTogetherHasIt() throws Exception {
    Configuration hadoop = new Configuration();
    OddFileSystem.register(ObjectStoreFileSystem.class, hadoop);
    org.apache.hadoop.fs.Path object = new org.apache.hadoop.fs.Path("objectstore:" + file());
    Duration lease = Duration.ofSeconds(4);

    oneOfEightHasIt(() -> SweepLock.take(object, "a", hadoop, lease));
    assertThat(file()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneOfManyThatBeginTogetherHasIt(boolean afterADeadOne) throws Exception {
    if (afterADeadOne) {
      write(ELSEWHERE);
      Files.setLastModifiedTime(
          file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));
    }

    oneOfEightHasIt(this::take);
  }

  @Test
  void aLockThatIsMovedAwayAndPutBackWhileItIsTakenIsHeld() throws Exception {
    ExecutorService drivers = Executors.newSingleThreadExecutor();
    Future<SweepLock> taken = drivers.submit(() -> take());
    while (!Files.exists(file())) {
      Thread.onSpinWait();
    }
    Path away = folder.resolve("away");
    Files.move(file(), away);
    Thread.sleep(600); // longer than a driver waits before it looks
    Files.move(away, file());

    try (SweepLock lock = taken.get()) {
      lock.check();
    }
    drivers.shutdown();
  }

  @Test
  void aDriverThatIsRefusedTheLockAndThenFindsNoneIsToldSo() {
    Configuration blind = new Configuration();
    OddFileSystem.register(BlindFileSystem.class, blind);
    assertThatThrownBy(
            () -> {
              write(ELSEWHERE);
              SweepLock.take(new org.apache.hadoop.fs.Path("blind:" + file()), "a", blind).close();
            })
        .isInstanceOf(SweepException.class)
        .hasMessage(
            "sweep a has just been begun by another driver: gone again; its lock is blind:%s",
            file());
  }

  /** Finds nothing, as if whatever there is were moved away each time that somebody looks. */
  public static final class BlindFileSystem extends OddFileSystem {
    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bufferSize)
        throws IOException {
      throw new FileNotFoundException(file.toString());
    }
  }

  @Test
  void aContainerThatHasTheNamespaceNumberOfOneThatIsGoneIsNotTakenForIt() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/1/stat")), "needs Linux");
    String status = Files.readString(Path.of("/proc/1/stat"));
    String started = status.replaceFirst("(?s).*\\) ", "").split(" ", -1)[19];

    assertThat(LockHolder.here().processes()).matches("\\S+ pid:\\[\\d+] " + started);
  }

  /** Such a process seems to be gone although it lives. */
  @Test
  void whereOtherUsersProcessesAreHiddenTheyAreOfAnotherMachine() throws Exception {
    Files.createDirectories(folder.resolve("sys/kernel/random"));
    Files.writeString(folder.resolve("sys/kernel/random/boot_id"), "run\n");
    Files.createDirectories(folder.resolve("self/ns"));
    Files.createSymbolicLink(folder.resolve("self/ns/pid"), Path.of("pid:[1]"));

    assertThat(LockHolder.processes(folder))
        .isEqualTo("run pid:[1] " + System.getProperty("user.name"));
  }

  @Test
  void aLockHasNoChecksumFileThatCouldBelongToAnother() throws Exception {
    try (SweepLock lock = take()) {
      lock.check();
      assertThat(folder).isDirectoryContaining(file()::equals);
      assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file()));
    }
    assertThat(folder).isEmptyDirectory();
  }

  /** Eight drivers begin together. */
  private static void oneOfEightHasIt(Callable<SweepLock> driver) throws Exception {
    ExecutorService drivers = Executors.newFixedThreadPool(8);
    List<SweepLock> taken = new ArrayList<>();
    for (Future<SweepLock> each : drivers.invokeAll(Collections.nCopies(8, driver))) {
      try {
        taken.add(each.get());
      } catch (ExecutionException refused) {
        assertThat(refused.getCause()).isInstanceOf(SweepException.class);
      }
    }
    drivers.shutdown();

    // One that was held up while it took the lock may have lost it since, and knows.
    assertThat(taken).filteredOn(SweepLockTest::holds).hasSize(1);
    taken.forEach(SweepLock::close);
  }

  private static boolean holds(SweepLock lock) {
    try {
      lock.check();
      return true;
    } catch (SweepException lost) {
      return false;
    }
  }

  @Test
  void aLockWhoseHolderIsSilentIsTakenOver() throws Exception {
    write(ELSEWHERE);
    Files.setLastModifiedTime(
        file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));

    take().close();
    assertThat(file()).doesNotExist();
  }

  @Test
  void whatADriverThatWasKilledInABeatHasLeftGoesWithTheNextOnesLock() throws Exception {
    Path beat = Files.createFile(file().resolveSibling("_writing-5d1c1b6c-_lock"));
    Path checkpoint = Files.createDirectory(file().resolveSibling("dab1d035b1b13639"));

    take().close();
    assertThat(beat).doesNotExist();
    assertThat(checkpoint).exists();
  }

  @Test
  void whatADriverThatWasKilledWhileItTookALockOverHasLeftGoesWithTheNextOnesLock()
      throws Exception {
    Configuration keeping = new Configuration();
    OddFileSystem.register(KeepingFileSystem.class, keeping);
    write(ELSEWHERE);
    Files.setLastModifiedTime(
        file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));
    SweepLock.take(new org.apache.hadoop.fs.Path("keeping:" + file()), "a", keeping).close();
    assertThat(folder).isDirectoryContaining(path -> !path.equals(file()));
    Files.deleteIfExists(file());

    take().close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aLockThatIsRenewedElsewhereIsNot() throws Exception {
    write(ELSEWHERE);

    try (Closeable living = renewing()) {
      assertThatThrownBy(this::take)
          .hasMessageContaining("process 4711 on elsewhere, since 2100-01-01T00:00:00Z");
    }
  }

  /** As that of a driver that was killed just now, on another machine. */
  @Test
  void aLockThatWasWrittenJustNowIsTakenOverIfItIsNotRenewed() throws Exception {
    write(ELSEWHERE);

    take(Duration.ofMillis(400)).close();
    assertThat(file()).doesNotExist();
  }

  @Test
  void aHolderWhoseProcessIsGoneFromHereIsDeadAtOnce() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    LockHolder here = LockHolder.here();
    write(new LockHolder(here.host(), here.processes(), gone.pid(), here.since(), "another token"));

    take().close();
  }

  @Test
  void aHolderInAContainerOfTheSameNameMayLiveUnderAnIdThatNobodyHasHere() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    LockHolder here = LockHolder.here();
    write(new LockHolder(here.host(), "another's", gone.pid(), here.since(), "another token"));

    try (Closeable living = renewing()) {
      assertThatThrownBy(this::take)
          .hasMessageContaining("is being run by another driver: process " + gone.pid());
    }
  }

  @Test
  void aProcessThatHasTheHoldersIdMayBeTheHolder() throws Exception {
    LockHolder here = LockHolder.here();
    write(new LockHolder(here.host(), here.processes(), here.pid(), here.since(), "another token"));

    assertThatThrownBy(this::take).hasMessageContaining("is being run by another driver");
    Files.setLastModifiedTime(
        file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));
    take().close();
  }

  @Test
  void onlyTheFileSystemsClockCounts() throws Exception {
    Configuration skewed = new Configuration();
    OddFileSystem.register(SkewedFileSystem.class, skewed);
    org.apache.hadoop.fs.Path lock = new org.apache.hadoop.fs.Path("skewed:" + file());
    write(ELSEWHERE);

    try (Closeable living = renewing()) {
      assertThatThrownBy(() -> SweepLock.take(lock, "a", skewed))
          .hasMessageContaining("process 4711 on elsewhere");
    }
    Files.setLastModifiedTime(
        file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));
    SweepLock.take(lock, "a", skewed).close();
  }

  @Test
  @Timeout(60)
  void aLockIsGivenBackAlthoughItsFileSystemSwallowsInterrupts() throws Exception {
    Configuration deaf = new Configuration();
    OddFileSystem.register(DeafFileSystem.class, deaf);
    SweepLock lock =
        SweepLock.take(
            new org.apache.hadoop.fs.Path("deaf:" + file()), "a", deaf, Duration.ofSeconds(2));
    DeafFileSystem.awaitReading();

    lock.close();
    assertThat(file()).doesNotExist();
  }

  @Test
  void aHolderNoticesThatAnotherHasTakenOver() throws Exception {
    Duration lease = Duration.ofMillis(500);
    try (SweepLock first = take(lease)) {
      write(ELSEWHERE);
      Thread.sleep(lease.toMillis());

      assertThatThrownBy(first::check)
          .isInstanceOf(SweepException.class)
          .hasMessageContaining("lost the lock")
          .hasMessageContaining("process 4711 on elsewhere");
    }
    assertThat(file()).exists();
  }

  @Test
  void aHolderNoticesWithItsNextBeatThatAnotherHasTakenOver() throws Exception {
    Duration lease = Duration.ofMinutes(5);
    try (SweepLock first = take(lease)) {
      write(ELSEWHERE);
      long halfALease = System.nanoTime() + lease.dividedBy(2).toNanos(); // was enough before
      while (holds(first) && System.nanoTime() - halfALease < 0) {
        Thread.sleep(20);
      }

      assertThat(System.nanoTime() - halfALease).isNegative();
      assertThatThrownBy(first::check).hasMessageContaining("process 4711 on elsewhere");
    }
  }

  @Test
  void aHolderWhoseFilesAreSlowerThanItsLeaseIsLateButHasTheLock() throws Exception {
    Configuration deaf = new Configuration();
    OddFileSystem.register(DeafFileSystem.class, deaf);
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path("deaf:" + file());
    try (SweepLock lock = SweepLock.take(path, "a", deaf, Duration.ofMillis(100))) {
      for (int i = 0; i < 5; i++) {
        assertThatCode(lock::check).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void aLockThatCannotBeWrittenAnyMoreIsLostAndSaysWhy() throws Exception {
    Path full = folder.resolve("disk-is-full");
    Configuration filling = new Configuration();
    OddFileSystem.register(FullFileSystem.class, filling);
    filling.set(FullFileSystem.SWITCH, full.toString());
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path("full:" + file());
    Duration lease = Duration.ofMillis(400);
    try (SweepLock lock = SweepLock.take(path, "a", filling, lease)) {
      Files.createFile(full);
      Thread.sleep(lease.toMillis());

      assertThatThrownBy(lock::check)
          .isInstanceOf(SweepException.class)
          .hasMessage(
              "lost the lock full:%s: it cannot be written: No space left on device", file());
    }
  }

  @Test
  @Timeout(300)
  void aHolderThatLivesIsHeardOf() throws Exception {
    Duration lease = Duration.ofSeconds(20);
    try (SweepLock lock = take(lease)) {
      for (int beat = 0; beat < 2; beat++) {
        FileTime before = Files.getLastModifiedTime(file());
        while (Files.getLastModifiedTime(file()).equals(before)) {
          Thread.sleep(20);
        }
      }

      assertThatCode(lock::check).doesNotThrowAnyException();
      assertThatThrownBy(() -> take(lease)).hasMessageContaining("is being run by another driver");
    }
  }

  @Test
  void aLockThatCannotBeReadIsTakenOver() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(file(), "torn");

    try (Closeable living = renewing()) {
      assertThatThrownBy(this::take).hasMessageContaining("is being run by another driver");
    }
    Files.setLastModifiedTime(
        file(), FileTime.from(Instant.now().minus(SweepLock.LEASE.plusSeconds(5))));
    take().close();
  }

  /** Deletes nothing, as a process that is killed before. */
  public static final class KeepingFileSystem extends OddFileSystem {
    @Override
    public boolean delete(org.apache.hadoop.fs.Path file, boolean recursive) {
      return false;
    }
  }

  private SweepLock take() throws InterruptedException {
    return take(SweepLock.LEASE);
  }

  private SweepLock take(Duration lease) throws InterruptedException {
    return SweepLock.take(
        new org.apache.hadoop.fs.Path(file().toUri()), "a", new Configuration(), lease);
  }

  /** Renews the lock every tenth of a second until it is closed, as a driver elsewhere. */
  private Closeable renewing() {
    ScheduledExecutorService renewer = Executors.newSingleThreadScheduledExecutor();
    var unused =
        renewer.scheduleAtFixedRate(
            () -> file().toFile().setLastModified(System.currentTimeMillis()),
            100,
            100,
            TimeUnit.MILLISECONDS);
    return () -> {
      renewer.shutdown();
      try {
        renewer.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private void write(LockHolder holder) throws IOException {
    Files.deleteIfExists(folder.resolve("._lock.crc"));
    Files.writeString(file(), holder.text());
  }

  private Path file() {
    return folder.resolve("_lock");
  }
}
