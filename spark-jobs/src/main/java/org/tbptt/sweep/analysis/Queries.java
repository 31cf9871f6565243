package org.tbptt.sweep.analysis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkFileNotFoundException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.results.ResultsStore;

/** The tables as views, and the queries that come with the program as .sql resources. */
public final class Queries {

  /** The .sql resources that become views of their names, each after those that it reads. */
  private static final List<String> VIEWS =
      List.of(
          "published",
          "points",
          "losses",
          "best",
          "r2rt",
          "learning_rates",
          "effective_depth",
          "curves",
          "styles_at_bptt_steps",
          "styles_at_seq_len",
          "styles_at_tokens",
          "styles_at_seconds",
          "failures",
          "slowest");

  private final SparkSession spark;
  private final ResultsStore results;

  /** Registers the results' tables, what others have published and the queries as views. */
  public Queries(SparkSession spark, ResultsStore results) {
    this.spark = spark;
    this.results = results;
    spark
        .read()
        .option("header", true)
        .schema(
            "bptt_steps INT, style STRING, seq_len INT, learning_rate DOUBLE, valid_loss DOUBLE")
        .csv(spark.createDataset(lines("published.csv"), Encoders.STRING()))
        .createOrReplaceTempView("published_losses");
    refresh();
  }

  /** Makes the views anew: they have the files that there were when they were made. */
  public void refresh() {
    results.registerViews();
    VIEWS.forEach(view -> spark.sql(text(view + ".sql")).createOrReplaceTempView(view));
  }

  /** The names of the views that are queries. */
  public static List<String> views() {
    return VIEWS;
  }

  /**
   * Whether a query failed because files have gone that were there when the views were made: a
   * running sweep merges files. After {@link #refresh} it can be asked again.
   */
  public static boolean isOutdated(Throwable failure) {
    return failure instanceof SparkFileNotFoundException
        || (failure.getCause() != null && isOutdated(failure.getCause()));
  }

  /** Any query over the views. */
  public Dataset<Row> query(String sql) {
    return spark.sql(sql);
  }

  /** The query of a .sql resource, its parameters given by name. */
  Dataset<Row> named(String resource, Map<String, Object> parameters) {
    return spark.sql(text(resource), parameters);
  }

  private static List<String> lines(String resource) {
    return text(resource).lines().toList();
  }

  /** A resource of this package, or of the class path with a leading slash. */
  static String text(String resource) {
    try (InputStream stream = Queries.class.getResourceAsStream(resource)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("resource " + resource, unreadable);
    }
  }
}
