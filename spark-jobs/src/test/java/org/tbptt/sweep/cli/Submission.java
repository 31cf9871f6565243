package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.tbptt.sweep.LocalSpark;
import picocli.CommandLine;

/** What a command did: as ./submit.sh would run it, but in this process and with its Spark. */
public record Submission(int exit, String out, String err) {

  public static Submission of(Object... words) {
    LocalSpark.session();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        TbpttSweep.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = command.execute(Stream.of(words).map(Object::toString).toArray(String[]::new));
    return new Submission(exit, out.toString(), err.toString());
  }

  /**
   * A command about some results.
   *
   * @param results the URI of the tables
   */
  public static Submission to(Object results, Object... words) {
    return of(Stream.concat(Stream.of(words), Stream.of("--results", results)).toArray());
  }

  /** The answer to a query, a line per row and without the header. */
  public static String csv(Path results, String query) {
    Submission sql = to(results, "sql", "--format", "csv", query);
    if (sql.exit() != 0) {
      throw new AssertionError(sql.err());
    }
    return String.join("\n", sql.out().lines().skip(1).toList());
  }
}
