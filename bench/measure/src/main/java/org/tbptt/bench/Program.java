package org.tbptt.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tbptt.model.core.Precision;

/**
 * Another process that trains when told to: it gets {@code STEPS PRECISION SECONDS} and answers
 * {@code WINDOWS SECONDS} or {@code failed: REASON}; its first line is its version.
 */
final class Program implements AutoCloseable {

  private static final String FAILED = "failed: ";

  private final String engine;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final Path log;
  private final String version;

  /**
   * Starts it for the sizes of a workload.
   *
   * @param command to which V, E, H, B, keep, cell and L are appended
   * @param environment in addition to that of this process
   * @param log where its standard error goes
   * @throws Contestant.ContestException if it ends at once
   */
  Program(
      String engine,
      List<String> command,
      Map<String, String> environment,
      Workload sizes,
      Path log) {
    this.engine = engine;
    this.log = log;
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder
        .command()
        .addAll(
            List.of(
                Integer.toString(sizes.vocabulary()),
                Integer.toString(sizes.embedding()),
                Integer.toString(sizes.hidden()),
                Integer.toString(sizes.batch()),
                Double.toString(sizes.keep()),
                sizes.cell().name().toLowerCase(Locale.ROOT),
                Integer.toString(sizes.layers())));
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException missing) {
      throw new Contestant.ContestException(missing.getMessage());
    }
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
    answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    version = answer();
  }

  String version() {
    return version;
  }

  Contestant contestant(Workload workload, Precision precision) {
    return new Told(new Row(engine, precision, workload));
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new Contestant.ContestException(engine + " ended, see " + log.getFileName());
      }
      return line;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }

  private final class Told implements Contestant {
    private final Row row;

    Told(Row row) {
      this.row = row;
    }

    @Override
    public Row row() {
      return row;
    }

    @Override
    public Turn run(double seconds) {
      int steps = row.workload().steps();
      try {
        requests.write(
            String.format(Locale.ROOT, "%d %s %.3f%n", steps, row.precisionName(), seconds));
        requests.flush();
      } catch (IOException gone) {
        throw new ContestException(engine + " is gone, see " + log.getFileName());
      }
      String answer = answer();
      if (answer.startsWith(FAILED)) {
        throw new ContestException(answer.substring(FAILED.length()));
      }
      String[] words = answer.split(" ", -1);
      return new Turn(Integer.parseInt(words[0]), Double.parseDouble(words[1]));
    }

    @Override
    public void close() {}
  }
}
