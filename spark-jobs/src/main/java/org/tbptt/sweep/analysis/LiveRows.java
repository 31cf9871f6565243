package org.tbptt.sweep.analysis;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.results.TrialResult;

/**
 * Rows of the report for trials of a running sweep, by the same views as for those in the tables.
 * The queries are of rows in memory that they neither group nor join, so that Spark answers them
 * where it plans them: no job waits for a slot, or takes one from a trial.
 */
public final class LiveRows {

  private static final Gson GSON = new Gson();
  private static final int TRIAL_ID = Tables.TRIALS.schema().fieldIndex("trial_id");

  private final SparkSession session;
  private final String sweep;
  private final Map<String, Row> ended = new HashMap<>();
  private final Map<String, JsonObject> words = new HashMap<>();
  private final Set<Row> settings = new LinkedHashSet<>();

  /** The views are the session's own. */
  public LiveRows(SparkSession spark, String sweep) {
    this.session = spark.newSession();
    this.sweep = sweep;
  }

  /**
   * Trials that the tables have.
   *
   * @param queries over the tables
   */
  public void addStored(Queries queries) {
    String[] columns = Tables.TRIALS.schema().fieldNames();
    List<Row> trials =
        queries
            .query("SELECT * FROM trials")
            .where(functions.col("sweep").equalTo(sweep))
            .select(Stream.of(columns).map(functions::col).toArray(Column[]::new))
            .collectAsList();
    trials.forEach(trial -> ended.put(trial.getString(TRIAL_ID), trial));
    points(trials);
  }

  /** Trials that have ended. */
  public void addEnded(Collection<TrialResult> results) {
    results.forEach(result -> ended.put(result.trialId(), Tables.TRIALS.row(sweep, result)));
  }

  /** Each trial's row, by its id. */
  public Map<String, JsonObject> json(Collection<TrialResult> results) {
    points(
        results.stream()
            .filter(result -> !words.containsKey(result.trialId()))
            .map(result -> Tables.TRIALS.row(sweep, result))
            .toList());
    Map<String, JsonObject> rows = new HashMap<>();
    for (TrialResult result : results) {
      JsonObject row = Tables.TRIALS.json(result);
      describe(result.trialId(), row);
      rows.put(result.trialId(), row);
    }
    return rows;
  }

  /** Adds to rows of trials, by their ids, what {@link #json} has beside the table's columns. */
  public void describe(JsonObject trials) {
    trials.entrySet().forEach(row -> describe(row.getKey(), row.getValue().getAsJsonObject()));
  }

  private void describe(String id, JsonObject row) {
    words.get(id).entrySet().forEach(word -> row.add(word.getKey(), word.getValue()));
  }

  /**
   * What others published for trials, as rows of losses; by a Spark job.
   *
   * @param trials none of which needs to have ended
   */
  public JsonArray published(Collection<TrialResult> trials) {
    List<Row> rows = trials.stream().map(trial -> Tables.TRIALS.row(sweep, trial)).toList();
    return Report.rows(
        over(rows)
            .query("SELECT *, setting.* FROM losses WHERE published_loss IS NOT NULL")
            .drop("setting"));
  }

  /**
   * The styles of trials: each with the settings that only some styles have, and without; by a
   * Spark job.
   */
  public JsonArray styleNames(Collection<TrialResult> trials) {
    List<Row> rows = trials.stream().map(trial -> Tables.TRIALS.row(sweep, trial)).toList();
    return Report.rows(over(rows).query("SELECT DISTINCT style, variant FROM points"));
  }

  /** The settings in which the trials of which there have been rows differ. */
  public List<String> varied() {
    return Comparison.variedIn(List.copyOf(settings));
  }

  /** Style against style, of the trials that have ended. */
  public JsonArray styles() {
    return Report.styles(
        over(new ArrayList<>(ended.values()))
            .named("compare_trials.sql", Map.of("sweep", sweep))
            .collectAsList(),
        varied());
  }

  private void points(List<Row> trials) {
    if (trials.isEmpty()) {
      return;
    }
    for (Row point : over(trials).query("SELECT * FROM points").collectAsList()) {
      JsonObject of = new JsonObject();
      for (String name : List.of("truncation", "variant")) {
        of.addProperty(name, point.<String>getAs(name));
      }
      of.add("setting", setting(point));
      words.put(point.getAs("trial_id"), of);
      settings.add(point.getAs("setting"));
    }
  }

  /** Where the setting by which points.sql groups differs from the table's column. */
  private static JsonObject setting(Row point) {
    Row setting = point.getAs("setting");
    JsonObject differing = new JsonObject();
    for (String name : setting.schema().fieldNames()) {
      Object value = setting.getAs(name);
      if (!Objects.equals(value, point.getAs(name))) {
        differing.add(name, GSON.toJsonTree(value));
      }
    }
    return differing;
  }

  private Queries over(List<Row> trials) {
    return new Queries(
        session,
        table ->
            session.createDataFrame(trials, Tables.TRIALS.schema()).createOrReplaceTempView(table));
  }
}
