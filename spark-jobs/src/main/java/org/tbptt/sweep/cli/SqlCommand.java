package org.tbptt.sweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.results.ResultsStore;
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
      "Answers a Spark SQL query over the tables.",
      "They are trials, epochs, lags, bias and sweeps, and published, the losses that r2rt published."
          + " DESCRIBE trials lists a table's columns with their units."
    })
final class SqlCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "QUERY",
      arity = "0..1",
      description = "The query. Default: read from standard input.")
  private String query;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, csv (with a header line) or json (a line per row). Default: table.")
  private RowFormat format;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    String sql =
        query != null ? query : new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    if (sql.isBlank()) {
      throw new ParameterException(spec.commandLine(), "the query is empty");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (SparkSession spark = Session.forReading("sql")) {
      Dataset<Row> rows = results.queries(spark).query(sql);
      format.print(rows, out);
      out.flush();
    } catch (Exception failure) {
      // Spark's Scala code throws this checked exception without declaring it.
      if (failure instanceof AnalysisException wrong) {
        throw new ParameterException(spec.commandLine(), reason(wrong), wrong);
      }
      throw failure;
    }
    return TbpttSweep.DONE;
  }

  private static String reason(AnalysisException wrong) {
    String reason =
        wrong.getMessage().lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    return wrong.getErrorClass() != null
            && wrong.getErrorClass().startsWith("TABLE_OR_VIEW_NOT_FOUND")
        ? reason + " There are " + ResultsStore.tableNames() + " and published."
        : reason;
  }
}
