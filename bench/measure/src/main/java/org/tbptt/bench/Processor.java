package org.tbptt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that is measured. */
final class Processor {

  private Processor() {}

  /** What /proc/cpuinfo calls it; elsewhere its architecture. */
  static String name() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException elsewhere) {
      // Not Linux: the architecture has to do.
    }
    return System.getProperty("os.arch");
  }
}
