package org.tbptt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** What all processors of the machine together were busy for, whoever had them. */
final class ProcessorTime {

  private static final Path STATISTICS = Path.of("/proc/stat");

  /** Linux counts in hundredths of a second. */
  private static final double TICK = 0.01;

  /** Of the first line's numbers: user, nice, system, hardware and software interrupts, stolen. */
  private static final int[] BUSY = {1, 2, 3, 6, 7, 8};

  private ProcessorTime() {}

  /** Seconds since the start of the machine; 0 where the system does not tell. */
  static double busySeconds() {
    try (var lines = Files.lines(STATISTICS)) {
      String[] numbers = lines.findFirst().orElseThrow().split(" +", -1);
      return TICK * IntStream.of(BUSY).mapToLong(i -> Long.parseLong(numbers[i])).sum();
    } catch (IOException elsewhere) {
      return 0;
    }
  }
}
