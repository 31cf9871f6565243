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
          "live.js",
          "page.js");

  private static final String NO_REQUESTS =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

  private final JsonObject data = new JsonObject();

  private Report() {}

  /** Reads a sweep's rows. */
  public static Report of(Queries queries, SweepState sweep) {
    return of(queries, sweep, OptionalInt.empty());
  }

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
    data.add("levels", levels(sweep, queries.named("corpus_baselines.sql", parameters)));
    data.add(
        "styles", styles(queries.named("compare_trials.sql", parameters).collectAsList(), varied));
    add(data, Findings.of(queries, sweep));
    data.add("rungs", rows(queries.named("report_rungs.sql", parameters)));
    data.addProperty("written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    reloadSeconds.ifPresent(seconds -> data.addProperty("reload_seconds", seconds));
    return report;
  }

  /** The importance of the settings, where there is more to tell than the losses. */
  private static void add(JsonObject data, Findings findings) {
    if (findings.worthTelling()) {
      Importance importance = findings.importance();
      JsonObject object = new JsonObject();
      object.add("settings", new Gson().toJsonTree(importance.settings()));
      object.add("notes", strings(importance.notes()));
      data.add("importance", object);
    }
  }

  /** What the page is made from, each table of rows as an object by the trials' ids. */
  public JsonObject rowsByName() {
    JsonObject named = data.deepCopy();
    JsonObject trials = new JsonObject();
    for (JsonElement row : data.getAsJsonArray("trials")) {
      trials.add(row.getAsJsonObject().get("trial_id").getAsString(), row);
    }
    named.add("trials", trials);
    return named;
  }

  /** The page. */
  public String html() {
    // Gson writes < > & as \\u003c and so on: nothing in the data can end the script element.
    return page(NO_REQUESTS, new Gson().toJson(data));
  }

  /**
   * The page that updates by itself: it asks where it comes from for what has changed.
   *
   * @param data JSON in which {@code <} is escaped; trials are an object by id, and {@code live} is
   *     the version
   */
  public static String livePage(String data) {
    return page(NO_REQUESTS + "; connect-src 'self'", data);
  }

  private static String page(String policy, String data) {
    String page = Queries.text("report/page.html").replace("{{policy}}", policy);
    for (String part : PARTS) {
      page = page.replace("{{" + part + "}}", Queries.text("report/" + part));
    }
    return page.replace("{{echarts.min.js}}", echarts()).replace("{{data}}", data);
  }

  /** Losses to compare with: entropies of generated data, or baselines of text. */
  private static JsonArray levels(SweepState sweep, Dataset<Row> baselines) {
    JsonArray levels = new JsonArray();
    Comparison.levels(sweep)
        .forEach(
            of -> levels.add(level("entropy: " + of.learned() + " learned", of.natsPerToken())));
    Comparison.baselines(baselines.collectAsList())
        .forEach((model, loss) -> levels.add(level(model, loss)));
    return levels;
  }

  private static JsonObject level(String name, double loss) {
    JsonObject level = new JsonObject();
    level.addProperty("name", name);
    level.addProperty("loss", loss);
    return level;
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

  /** Style against style, of rows of compare_trials.sql. */
  static JsonArray styles(List<Row> trials, List<String> varied) {
    JsonArray styles = new JsonArray();
    StyleComparison.of(trials, varied).forEach(comparison -> styles.add(styles(comparison)));
    return styles;
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
