package org.tbptt.sweep.analysis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.spark.SparkFileNotFoundException;
import org.apache.spark.sql.Dataset;
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
          "truncations",
          "point_losses",
          "losses",
          "best",
          "r2rt",
          "learning_rates",
          "effective_depth",
          "curves",
          "style_pairs",
          "styles_at_bptt_steps",
          "styles_at_seq_len",
          "styles_at_cost",
          "styles_at_tokens",
          "styles_at_seconds",
          "failures",
          "slowest",
          "history",
          "bias_and_loss");

  /** Those that only other ones read. */
  private static final Set<String> STEPS =
      Set.of("truncations", "point_losses", "style_pairs", "styles_at_cost");

  /** All that a query can name, each after those that it reads. */
  private static final List<String> ALL =
      Stream.of(ResultsStore.tableNames(), VIEWS).flatMap(List::stream).toList();

  private static final int ATTEMPTS = 3;

  private static final Pattern COMMENT = Pattern.compile("--.*");

  private final SparkSession spark;
  private final Consumer<String> registerTable;
  private final Set<String> made = new HashSet<>();

  /** Over the tables of these results. Nothing is read before a query asks for it. */
  public Queries(SparkSession spark, ResultsStore results) {
    this(spark, results::registerView);
  }

  /**
   * @param registerTable makes the view of a table that is named
   */
  Queries(SparkSession spark, Consumer<String> registerTable) {
    this.spark = spark;
    this.registerTable = registerTable;
  }

  /** Lets the next queries see the files that there are then. */
  public void refresh() {
    made.clear();
  }

  /** The names of the views that are queries, for people. */
  public static List<String> views() {
    return VIEWS.stream().filter(view -> !STEPS.contains(view)).toList();
  }

  /**
   * What a function of the tables gives. It is called up to three times: files may have gone that
   * were there when the views were made, as a running sweep merges files, or be replaced while they
   * are read, and an executor may be lost, after which a Spark that trains does not repeat its
   * tasks.
   *
   * @param open makes new views
   */
  public static <T> T retried(Supplier<Queries> open, Function<Queries, T> function) {
    for (int attempt = 1; ; attempt++) {
      try {
        return function.apply(open.get());
      } catch (Exception failure) { // Scala's checked ones, too
        if (attempt == ATTEMPTS || !isTransient(failure)) {
          throw failure;
        }
      }
    }
  }

  private static boolean isTransient(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return failure instanceof SparkFileNotFoundException
        || failure instanceof ChecksumException
        || message.contains("is not a Parquet file")
        || message.contains("ExecutorLostFailure")
        || (failure.getCause() != null && isTransient(failure.getCause()));
  }

  /** Any query over the views. */
  public Dataset<Row> query(String sql) {
    return query(sql, Map.of());
  }

  /** The query of a .sql resource, its parameters given by name. */
  Dataset<Row> named(String resource, Map<String, Object> parameters) {
    return query(text(resource), parameters);
  }

  private Dataset<Row> query(String sql, Map<String, Object> parameters) {
    makeViews(sql, ALL);
    return spark.sql(sql, parameters);
  }

  /** Makes those views that a query names, or may name: Spark takes seconds to analyse all. */
  private void makeViews(String sql, List<String> available) {
    String names = COMMENT.matcher(sql).replaceAll("");
    for (int i = 0; i < available.size(); i++) {
      String view = available.get(i);
      if (Pattern.compile("(?i)\\b(show|" + view + ")\\b").matcher(names).find()
          && made.add(view)) {
        make(view, available.subList(0, i));
      }
    }
  }

  private void make(String view, List<String> earlier) {
    if (ResultsStore.tableNames().contains(view)) {
      registerTable.accept(view);
    } else {
      String sql = text(view + ".sql");
      makeViews(sql, earlier);
      spark.sql(sql).createOrReplaceTempView(view);
    }
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
