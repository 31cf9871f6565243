package org.tbptt.sweep.run;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.sweep.results.ResultsException;

/**
 * Lets one driver at a time write a sweep's results. The lock is a file that its holder writes anew
 * every few seconds.
 */
final class SweepLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SweepLock.class);

  /** A holder that has not been heard of for so long is dead. */
  static final Duration LEASE = Duration.ofSeconds(20);

  private static final Duration RENEW_EVERY = Duration.ofSeconds(4);
  // Not every file system makes a file only if there is none: of two drivers that begin at the same
  // moment both have written by then, and the later one has it.
  private static final Duration SETTLE = Duration.ofMillis(200);

  private final LockFile file;
  private final LockHolder holder;
  private final Duration lease;
  private final Thread renewer = new Thread(this::renewUntilClosed, "sweep-lock");
  private final CountDownLatch given = new CountDownLatch(1);

  /** Null before the file was written for the first time. */
  private volatile Renewal lastRenewal;

  /** Who has taken over, in words; null if nobody has, as far as is known. */
  private volatile String successor;

  /** Why the file could not be written the last time; null if it could. */
  private volatile String refusal;

  /** By two clocks: the first may stand still while the machine sleeps, the second be set. */
  private record Renewal(long nanos, long millis) {

    static Renewal now() {
      return new Renewal(System.nanoTime(), System.currentTimeMillis());
    }

    boolean isWithin(Duration time) {
      return System.nanoTime() - nanos < time.toNanos()
          && System.currentTimeMillis() - millis < time.toMillis();
    }
  }

  private SweepLock(LockFile file, Duration lease) {
    this.file = file;
    this.lease = lease;
    this.holder = LockHolder.here();
  }

  /**
   * Takes the lock, from a dead driver if need be.
   *
   * @param file the sweep's lock
   * @throws SweepException if another driver holds it
   * @throws ResultsException if it cannot be written
   */
  static SweepLock take(Path file, String sweep, Configuration hadoop) throws InterruptedException {
    return take(file, sweep, hadoop, LEASE);
  }

  static SweepLock take(Path file, String sweep, Configuration hadoop, Duration lease)
      throws InterruptedException {
    try {
      SweepLock lock = new SweepLock(new LockFile(file, hadoop), lease);
      lock.renewer.setDaemon(true);
      lock.take(sweep);
      if (!lock.renewer.isAlive()) {
        lock.renewer.start();
      }
      return lock;
    } catch (IOException refused) {
      throw new ResultsException(
          "--results: cannot lock sweep %s by %s: %s".formatted(sweep, file, refused.getMessage()),
          refused);
    }
  }

  /**
   * Makes sure that this driver may still write.
   *
   * @throws SweepException if it is not able to say that it lives, or another has taken over
   */
  void check() {
    if (successor == null && lastRenewal.isWithin(lease.dividedBy(2))) {
      return;
    }
    // The machine has slept, or files are slow: while nobody has taken over, late is not lost.
    renew();
    String other = successor;
    String reason = refusal;
    if (other != null || reason != null) {
      throw new SweepException(
          "lost the lock %s: %s"
              .formatted(file, other != null ? other : "it cannot be written: " + reason));
    }
  }

  /** The holder's own word, in hexadecimal digits. */
  String token() {
    return holder.token().substring(0, 8);
  }

  /** Gives the lock back, and deletes temporary files of it that killed drivers left. */
  @Override
  public void close() {
    given.countDown(); // and no interrupt, which a file system may swallow
    boolean stopped = Thread.interrupted(); // a driver that is stopped gives it back, too
    try {
      renewer.join(lease.toMillis());
      if (file.holder().filter(holder::equals).isPresent()) {
        file.deleteUnfinished(); // while others see that it is held
        file.clear(holder);
      }
    } catch (IOException left) {
      LOG.warn("{} is left behind: {}", file, left.getMessage());
    } catch (InterruptedException interrupted) {
      stopped = true;
    } finally {
      if (stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void take(String sweep) throws IOException, InterruptedException {
    awaitSignOfLife();
    Renewal begun = Renewal.now();
    Optional<LockHolder> other = file.holder();
    if (other.isPresent() && lives(other.get())) {
      throw new SweepException(
          "sweep %s is being run by another driver: %s; its lock is %s"
              .formatted(sweep, other.get().words(), file));
    }
    Duration settle = SETTLE;
    if (file.isInObjectStore()) {
      create();
      settle = settleInObjectStore(begun, other.isPresent());
      renewer.start(); // else it might expire while it settles
    } else {
      createOrReplace(other);
    }
    Thread.sleep(settle.toMillis());
    Optional<LockHolder> now = file.holder();
    while (now.isEmpty() && lastRenewal != null && lastRenewal.isWithin(lease.dividedBy(2))) {
      Thread.sleep(SETTLE.toMillis()); // another driver took it for the dead one's and puts it back
      now = file.holder();
    }
    if (now.filter(holder::equals).isEmpty()) {
      given.countDown();
      throw new SweepException(
          "sweep %s has just been begun by another driver: %s; its lock is %s"
              .formatted(sweep, now.map(LockHolder::words).orElse("gone again"), file));
    }
  }

  /**
   * Waits until a holder elsewhere renews its lock or the lock expires. It may be that of a driver
   * that was killed just now and that a cluster starts again on another machine.
   */
  private void awaitSignOfLife() throws IOException, InterruptedException {
    Optional<LockHolder> other = file.holder();
    if (other.isEmpty() || other.get().isOfThisMachine()) {
      return;
    }
    long written = file.written();
    if (file.isWrittenWithin(lease)) {
      LOG.warn("{} is held by {}: waiting for a sign of life", file, other.get().words());
    }
    while (file.isWrittenWithin(lease) && file.written() == written) {
      Thread.sleep(lease.dividedBy(40).toMillis());
    }
  }

  private void createOrReplace(Optional<LockHolder> other) throws IOException {
    try {
      if (other.isPresent()) {
        file.clear(other.get());
        file.deleteUnfinished(other.get()); // if it was suspended in a renewal, it is not to end it
      }
      create();
    } catch (FileAlreadyExistsException justNow) {
      LOG.debug("{} was created by another driver at the same time", file, justNow);
    }
  }

  /**
   * An object store has no file that is made only if there is none: a driver that has seen no lock
   * may replace one that was written meanwhile. Whoever has written theirs within half of the time
   * that all wait, and still finds it then, is the only one: another one that wrote after it would
   * have read after it, too. Whoever was slower may have replaced the lock of a driver that holds
   * it already, and waits until that one has noticed. So does a successor, whose predecessor trusts
   * its last renewal for half of the lease.
   */
  private Duration settleInObjectStore(Renewal begun, boolean successor) {
    Duration settle = lease.dividedBy(successor ? 2 : 8);
    LOG.warn(
        "{} is in an object store, whose lock is weaker than that of a file system: two drivers are"
            + " kept apart as long as requests to it take less than {} s",
        file,
        lease.dividedBy(2).toSeconds());
    return begun.isWithin(settle.dividedBy(2)) ? settle : lease;
  }

  private boolean lives(LockHolder other) throws IOException {
    return !other.isKnownToBeDead() && file.isWrittenWithin(lease);
  }

  private void renewUntilClosed() {
    try {
      long pause = Math.min(RENEW_EVERY.toMillis(), lease.toMillis() / 5);
      while (!given.await(pause, TimeUnit.MILLISECONDS)) {
        renew();
      }
    } catch (InterruptedException unexpected) {
      LOG.warn("{} is not written any more", file, unexpected);
    }
  }

  /** By one thread at a time: the renewer and {@link #check} would be in each other's way. */
  private synchronized void renew() {
    if (successor != null) {
      return;
    }
    Renewal now = Renewal.now();
    try {
      file.renew(holder, this::requireHeld);
      if (file.isInObjectStore()
          && !now.isWithin(lease.dividedBy(4))
          && !lastRenewal.isWithin(lease)) {
        successor = "it was written so late that another driver may have taken it over meanwhile";
        return;
      }
      lastRenewal = now;
      refusal = null;
    } catch (IOException refused) {
      if (successor == null) {
        LOG.warn("{} cannot be written: {}", file, refused.getMessage());
        refusal = refused.getMessage();
      }
    }
  }

  private void requireHeld() throws IOException {
    Optional<LockHolder> found = file.holder();
    if (found.isPresent() && !found.get().equals(holder)) {
      successor = found.get().words();
    } else if (found.isEmpty() && !lastRenewal.isWithin(lease)) {
      successor = "another driver has taken it over since";
    }
    if (successor != null) {
      throw new IOException(successor);
    }
  }

  private void create() throws IOException {
    Renewal now = Renewal.now();
    file.create(holder);
    lastRenewal = now;
  }
}
