package org.tbptt.sweep.analysis;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A sweep as one HTML file that needs nothing else: the data as JSON, the page's own code and
 * ECharts, all inside. The page builds everything from text, so whatever stands in the data stays
 * text.
 */
public final class Report {

  /** Of the page, in the order in which they run. */
  private static final List<String> PARTS =
      List.of(
          "page.css",
          "dom.js",
          "charts.js",
          "search.js",
          "timeline.js",
          "trials.js",
          "filter.js",
          "page.js");

  private final JsonObject data = new JsonObject();

  private Report() {}

  /**
   * Reads a sweep's rows.
   *
   * @param reloadSeconds how often an open page reloads; empty for a report that does not change
   */
  public static Report of(Queries queries, SweepState sweep, OptionalInt reloadSeconds) {
    Map<String, Object> parameters = Map.of("sweep", sweep.name());
    Dataset<Row> query = queries.named("compare.sql", parameters);
    List<Row> points = query.collectAsList();
    Dataset<Row> losses = query.sparkSession().createDataFrame(points, query.schema());
    List<String> varied = Comparison.varied(points);
    Report report = new Report();
    JsonObject data = report.data;
    data.add("sweep", rows(queries.named("report_sweep.sql", parameters)).get(0));
    data.add("varied", strings(varied));
    data.add("losses", rows(losses.select("*", "setting.*").drop("setting", "own")));
    data.add("trials", rows(queries.named("report_trials.sql", parameters).drop("setting")));
    data.add("curves", byTrial(queries.named("report_curves.sql", parameters)));
    data.add("lags", byTrial(queries.named("report_lags.sql", parameters)));
    data.add("levels", new Gson().toJsonTree(Comparison.levels(sweep)));
    JsonArray styles = new JsonArray();
    StyleComparison.of(queries.named("compare_trials.sql", parameters).collectAsList(), varied)
        .forEach(comparison -> styles.add(styles(comparison)));
    data.add("styles", styles);
    report.add(Findings.of(queries, sweep));
    data.add("rungs", rows(queries.named("report_rungs.sql", parameters)));
    data.addProperty("written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    reloadSeconds.ifPresent(seconds -> data.addProperty("reload_seconds", seconds));
    return report;
  }

  private void add(Findings findings) {
    data.addProperty("search", findings.ofSearch());
    data.add("axes", new Gson().toJsonTree(findings.varied()));
    if (findings.worthTelling()) {
      Importance importance = findings.importance();
      JsonObject object = new JsonObject();
      object.add("settings", new Gson().toJsonTree(importance.settings()));
      object.add("notes", strings(importance.notes()));
      data.add("importance", object);
    }
  }

  /** The page. */
  public String html() {
    String page = Queries.text("report/page.html");
    for (String part : PARTS) {
      page = page.replace("{{" + part + "}}", Queries.text("report/" + part));
    }
    return page.replace("{{echarts.min.js}}", echarts())
        // Gson writes < > & as \\u003c and so on: nothing in the data can end the script element.
        .replace("{{data}}", new Gson().toJson(data));
  }

  private static String echarts() {
    return Queries.text("/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js");
  }

  private static JsonArray rows(Dataset<Row> rows) {
    JsonArray array = new JsonArray();
    rows.toJSON().collectAsList().forEach(row -> array.add(JsonParser.parseString(row)));
    return array;
  }

  /** Rows with a trial_id, as an object with the ids for names. */
  private static JsonObject byTrial(Dataset<Row> rows) {
    JsonObject trials = new JsonObject();
    for (JsonElement row : rows(rows)) {
      trials.add(row.getAsJsonObject().remove("trial_id").getAsString(), row);
    }
    return trials;
  }

  private static JsonObject styles(StyleComparison comparison) {
    JsonArray lines = new JsonArray();
    for (StyleComparison.Line line : comparison.lines()) {
      JsonObject object = new JsonObject();
      object.addProperty("style", line.style());
      object.addProperty("against", line.against());
      object.add("point", strings(line.point()));
      object.addProperty("text", line.text());
      object.addProperty("pairs", line.difference().pairs());
      object.addProperty("verdict", line.difference().verdict().words());
      lines.add(object);
    }
    JsonObject styles = new JsonObject();
    styles.addProperty("equal", comparison.equal().column());
    styles.add("header", strings(comparison.pointHeader()));
    styles.add("lines", lines);
    return styles;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
