package org.tbptt.sweep.live;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.Report;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.results.ResultsStore;

/** Keeps a page's document up to date with the tables, whoever writes them. */
public final class LiveTables {

  private final SparkSession spark;
  private final ResultsStore results;
  private final String sweep;
  private final LiveDocument document;

  /** The trials of the last reading and how much settings matter to them. */
  private JsonArray ended;

  private Optional<JsonObject> importance = Optional.empty();

  /**
   * @param sweep its name
   */
  public LiveTables(SparkSession spark, ResultsStore results, String sweep, LiveServer server) {
    this.spark = spark;
    this.results = results;
    this.sweep = sweep;
    this.document = server.document();
  }

  /** Reads the tables. */
  public void update() {
    document.replace(Queries.retried(() -> new Queries(spark, results), this::read));
  }

  /** Whether there is no Spark any more that could read them. */
  public boolean isSparkStopped() {
    return spark.sparkContext().isStopped();
  }

  private JsonObject read(Queries queries) {
    SweepState state = SweepState.find(queries, Optional.of(sweep));
    JsonObject data = Report.withoutImportance(queries, state).rowsByName();
    data.remove("written"); // else every reading would be news
    JsonArray trials = new JsonArray();
    trials.add(data.get("trials"));
    trials.add(data.get("left_out")); // of too many trials the others are only summed up
    if (!trials.equals(ended)) {
      ended = trials;
      importance = Report.importance(queries, state);
    }
    importance.ifPresent(of -> data.add("importance", of));
    return data;
  }
}
