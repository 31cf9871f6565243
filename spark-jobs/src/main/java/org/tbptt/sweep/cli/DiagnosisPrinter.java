package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.models.NamedTrial;
import org.tbptt.sweep.results.DiagnosisRows;
import picocli.CommandLine;

/** Prints a diagnosis: a summary, then tables; csv and json get a single table. */
final class DiagnosisPrinter {

  /** The tables of a diagnosis. */
  enum Part {
    LAGS {
      @Override
      Dataset<Row> rows(SparkSession spark, String trialId, Diagnosis diagnosis) {
        return DiagnosisRows.lags(spark, trialId, diagnosis);
      }
    },
    BIAS {
      @Override
      Dataset<Row> rows(SparkSession spark, String trialId, Diagnosis diagnosis) {
        return DiagnosisRows.biases(spark, trialId, diagnosis);
      }
    };

    abstract Dataset<Row> rows(SparkSession spark, String trialId, Diagnosis diagnosis);
  }

  private final SparkSession spark;
  private final PrintWriter out;
  private final PrintWriter err;
  private final RowFormat format;

  DiagnosisPrinter(SparkSession spark, CommandLine command, RowFormat format) {
    this.spark = spark;
    this.out = command.getOut();
    this.err = command.getErr();
    this.format = format;
  }

  void print(NamedTrial named, Truncation truncation, Diagnosis diagnosis, Optional<Part> wanted) {
    if (format != RowFormat.TABLE) {
      words(err, named, truncation, diagnosis);
      Part part = wanted.orElse(Part.LAGS);
      format.print(part.rows(spark, named.trialId(), diagnosis), out);
    } else {
      words(out, named, truncation, diagnosis);
      for (Part part : wanted.map(one -> new Part[] {one}).orElse(Part.values())) {
        out.println();
        format.print(readable(part.rows(spark, named.trialId(), diagnosis)), out);
      }
    }
    out.flush();
  }

  private static void words(
      PrintWriter to, NamedTrial named, Truncation truncation, Diagnosis diagnosis) {
    line(
        to,
        "trial       %s of sweep %s, weights after epoch %d",
        named.trialId(),
        named.sweep(),
        diagnosis.epoch());
    line(to, "style       %s", truncation.label());
    LagDecay decay = diagnosis.decay();
    line(to, "decay rate  %s", text(decay.decayRate()));
    line(to, "lag95       %s", text(decay.lagCovering(0.95)));
    line(to, "lag99       %s", text(decay.lagCovering(0.99)));
    line(to, "mean depth  %s steps", text(decay.meanDepth()));
    line(
        to,
        "bias bound  %s, if every error goes back %d steps and the lags' parts do not cancel",
        text(decay.relativeBound(truncation.bpttSteps())),
        truncation.bpttSteps());
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.4g", value.getAsDouble()) : "none";
  }

  private static String text(OptionalInt value) {
    return value.isPresent() ? String.valueOf(value.getAsInt()) : "none";
  }

  /** With four digits, and without the columns that the summary has. */
  private static Dataset<Row> readable(Dataset<Row> rows) {
    return rows.drop("trial_id", "epoch")
        .select(
            Arrays.stream(rows.drop("trial_id", "epoch").schema().fields())
                .map(DiagnosisPrinter::readable)
                .toArray(Column[]::new));
  }

  private static Column readable(StructField field) {
    Column column = functions.col(field.name());
    return field.dataType().equals(DataTypes.DoubleType)
        ? functions
            .when(column.isNotNull(), functions.format_string("%.4g", column))
            .as(field.name())
        : column;
  }

  private static void line(PrintWriter to, String line, Object... values) {
    to.println(String.format(Locale.ROOT, line, values));
  }
}
