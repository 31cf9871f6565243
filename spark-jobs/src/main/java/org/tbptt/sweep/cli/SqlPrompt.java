package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.results.ResultsStore;

/** Asks for queries until Ctrl-D. A query ends with a semicolon and may take several lines. */
final class SqlPrompt {

  /** The history file. */
  static final Path HISTORY = Path.of(System.getProperty("user.home"), ".tbptt-sweep-history");

  private static final String FIRST_LINE = "sql> ";
  private static final String NEXT_LINE = "   > ";
  private static final Set<String> FAREWELLS = Set.of("exit", "quit", "\\q");
  private static final List<String> KEYWORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "ORDER BY",
          "JOIN",
          "USING",
          "HAVING",
          "LIMIT",
          "DISTINCT",
          "DESCRIBE",
          "AND",
          "OR",
          "NOT",
          "NULL",
          "IS",
          "IN",
          "AS",
          "DESC",
          "avg",
          "min",
          "max",
          "count",
          "round");

  private final Queries queries;
  private final RowFormat format;
  private final PrintWriter out;
  private final LineReader reader;

  /**
   * Prompts only in {@link #run}.
   *
   * @param out where answers go, which need not be the terminal
   * @param history the history file
   */
  SqlPrompt(Terminal terminal, PrintWriter out, Queries queries, RowFormat format, Path history) {
    this.queries = queries;
    this.format = format;
    this.out = out;
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("tbptt-sweep")
            .history(new DefaultHistory())
            .variable(LineReader.HISTORY_FILE, history)
            .completer(completer(queries))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // ! is part of SQL's !=
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .build();
  }

  /** Returns when there is no more input. */
  void run() {
    out.println(
        "A query ends with ; and Ctrl-D ends the prompt. Tab completes names; SHOW VIEWS; lists them.");
    StringBuilder query = new StringBuilder();
    while (true) {
      try {
        String line = reader.readLine(query.isEmpty() ? FIRST_LINE : NEXT_LINE);
        if (query.isEmpty() && FAREWELLS.contains(line.strip().toLowerCase(Locale.ROOT))) {
          return;
        }
        query.append(query.isEmpty() ? "" : "\n").append(line.stripTrailing());
        if (query.toString().isBlank()) {
          query.setLength(0);
        } else if (query.charAt(query.length() - 1) == ';') {
          answer(query.toString());
          query.setLength(0);
        }
      } catch (UserInterruptException interrupted) {
        query.setLength(0); // Ctrl-C drops the query and stays in the prompt
      } catch (EndOfFileException ended) {
        return;
      }
    }
  }

  private void answer(String query) {
    try {
      queries.refresh(); // a sweep may be running
      Dataset<Row> rows = queries.query(query);
      format.print(rows, out);
    } catch (Exception failure) {
      out.println(InvalidQueryException.of(failure).getMessage());
    }
    out.flush();
  }

  /** Completes columns only of the views that the line mentions: all of them take Spark seconds. */
  private static Completer completer(Queries queries) {
    List<String> always =
        Stream.of(KEYWORDS, names(), ResultsStore.columnNames()).flatMap(List::stream).toList();
    return (reader, typed, candidates) -> {
      Set<String> words = new LinkedHashSet<>(always);
      Queries.views().stream()
          .filter(view -> typed.line().contains(view))
          .forEach(
              view ->
                  words.addAll(Arrays.asList(queries.query("SELECT * FROM " + view).columns())));
      new StringsCompleter(words).complete(reader, typed, candidates);
    };
  }

  private static List<String> names() {
    return Stream.concat(ResultsStore.tableNames().stream(), Queries.views().stream()).toList();
  }
}
