package org.tbptt.sweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.tbptt.sweep.analysis.Queries;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a Spark SQL query over the tables, or opens a prompt.",
      "docs/tables.md lists the tables and views, such as best, curves and"
          + " styles_at_bptt_steps. DESCRIBE trials lists a table's columns with their units."
    })
final class SqlCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "QUERY",
      arity = "0..1",
      description = "The query. Default: read from standard input; at a terminal, a prompt.")
  private String query;

  @Option(names = "--file", paramLabel = "FILE", description = "A file with the query.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, csv (with a header line) or json (a line per row). Default: table.")
  private RowFormat format;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (query != null && file != null) {
      throw new ParameterException(spec.commandLine(), "a query or --file, not both");
    }
    try (Terminal terminal = TerminalBuilder.builder().dumb(true).build()) {
      boolean prompt = query == null && file == null && !terminal.getType().startsWith("dumb");
      String sql = prompt ? "" : text();
      if (!prompt && sql.isBlank()) {
        throw new ParameterException(spec.commandLine(), "the query is empty");
      }
      PrintWriter out = spec.commandLine().getOut();
      try (Session session = Session.forReading("sql")) {
        // A failed query is reported in one line; Spark would log it, too.
        Configurator.setLevel("org.apache.spark", Level.OFF);
        return session.call(
            spec,
            spark -> {
              Queries queries = results.queries(spark);
              if (prompt) {
                new SqlPrompt(terminal, out, queries, format, SqlPrompt.HISTORY).run();
              } else {
                format.print(queries.query(sql), out);
                out.flush();
              }
              return TbpttSweep.DONE;
            });
      }
    } catch (Exception failure) {
      // Spark's Scala code throws checked exceptions without declaring them.
      throw InvalidQueryException.of(failure);
    }
  }

  private String reason(IOException unreadable) {
    if (unreadable instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (unreadable instanceof AccessDeniedException) {
      return "cannot be read (permission denied)";
    }
    if (unreadable instanceof CharacterCodingException) {
      return "is not UTF-8";
    }
    return Files.isDirectory(file) ? "is a folder" : "cannot be read: " + unreadable.getMessage();
  }

  private String text() throws IOException {
    if (query != null) {
      return query;
    }
    if (file == null) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new ParameterException(
          spec.commandLine(), "--file " + file + ": " + reason(unreadable), unreadable);
    }
  }
}
