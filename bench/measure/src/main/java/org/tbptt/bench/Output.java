package org.tbptt.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What another program prints. */
final class Output {

  private Output() {}

  /** The lines; standard error goes where this process's goes. */
  static List<String> of(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit != 0) {
        throw new Contestant.ContestException(command[0] + " ended with " + exit);
      }
      return text.lines().toList();
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Contestant.ContestException("interrupted");
    }
  }
}
