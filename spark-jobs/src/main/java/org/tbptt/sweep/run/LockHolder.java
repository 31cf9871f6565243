package org.tbptt.sweep.run;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/**
 * Who holds a sweep's lock.
 *
 * @param host its name
 * @param pid of the driver's process there
 * @param processStarted when that process began, by its host's clock: ids are used again
 * @param since when the lock was taken, by its host's clock
 * @param token one of a kind
 */
record LockHolder(String host, long pid, Instant processStarted, Instant since, String token) {

  /** Whoever wrote what cannot be read. */
  static final LockHolder UNKNOWN =
      new LockHolder("an unknown host", 0, Instant.EPOCH, Instant.EPOCH, "");

  /** This process, now. */
  static LockHolder here() {
    ProcessHandle process = ProcessHandle.current();
    return new LockHolder(
        hostName(),
        process.pid(),
        started(process),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        UUID.randomUUID().toString());
  }

  /** Whether it was on this host and is no more. */
  boolean isKnownToBeDead() {
    return host.equals(hostName())
        && ProcessHandle.of(pid)
            .map(process -> !started(process).equals(processStarted))
            .orElse(true);
  }

  String words() {
    return "process %d on %s, since %s".formatted(pid, host, since);
  }

  String text() {
    return String.join(
        "\n", host, String.valueOf(pid), processStarted.toString(), since.toString(), token);
  }

  /** What {@link #text} gave; {@link #UNKNOWN} for anything else. */
  static LockHolder parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.size() != 5) {
      return UNKNOWN;
    }
    try {
      return new LockHolder(
          lines.get(0),
          Long.parseLong(lines.get(1)),
          Instant.parse(lines.get(2)),
          Instant.parse(lines.get(3)),
          lines.get(4));
    } catch (NumberFormatException | DateTimeException damaged) {
      return UNKNOWN;
    }
  }

  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "localhost";
    }
  }
}
