package org.tbptt.sweep.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/**
 * Who holds a sweep's lock.
 *
 * @param host its name
 * @param processes tells where its process ids count from those of other machines and containers
 * @param pid of the driver's process there
 * @param since when the lock was taken, by its host's clock
 * @param token one of a kind
 */
record LockHolder(String host, String processes, long pid, Instant since, String token) {

  /** Whoever wrote what cannot be read. */
  static final LockHolder UNKNOWN = new LockHolder("an unknown host", "", 0, Instant.EPOCH, "");

  /** This process, now. */
  static LockHolder here() {
    return new LockHolder(
        hostName(),
        processesHere(),
        ProcessHandle.current().pid(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        UUID.randomUUID().toString());
  }

  /** Whether its process id is one of this machine or container. */
  boolean isOfThisMachine() {
    return processes.equals(processesHere());
  }

  /**
   * Whether it was among the processes here and is no more. A process that has its id may be
   * another one: of that nothing is known.
   */
  boolean isKnownToBeDead() {
    return isOfThisMachine() && ProcessHandle.of(pid).isEmpty();
  }

  String words() {
    return "process %d on %s, since %s".formatted(pid, host, since);
  }

  String text() {
    return String.join("\n", host, processes, String.valueOf(pid), since.toString(), token);
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
          lines.get(1),
          Long.parseLong(lines.get(2)),
          Instant.parse(lines.get(3)),
          lines.get(4));
    } catch (NumberFormatException | DateTimeException damaged) {
      return UNKNOWN;
    }
  }

  private static String processesHere() {
    return processes(Path.of("/proc"));
  }

  /**
   * On Linux the kernel's run, the namespace of process ids and when its first process started,
   * since hosts and containers can share a name, and a namespace can have the number of one that is
   * gone; elsewhere the host's name.
   *
   * @param proc where Linux tells of processes
   */
  static String processes(Path proc) {
    try {
      return Files.readString(proc.resolve("sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(proc.resolve("self/ns/pid"))
          + " "
          + startOfFirstProcess(proc);
    } catch (IOException notLinux) {
      return hostName();
    }
  }

  /**
   * In ticks since the kernel's start: field 22, where the second may have spaces in it. The user's
   * name if that is hidden (hidepid): then the processes of other users are, too.
   */
  private static String startOfFirstProcess(Path proc) {
    try {
      String status = Files.readString(proc.resolve("1/stat"));
      return status.substring(status.lastIndexOf(')') + 2).split(" ", -1)[19];
    } catch (IOException hidden) {
      return System.getProperty("user.name");
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "localhost";
    }
  }
}
