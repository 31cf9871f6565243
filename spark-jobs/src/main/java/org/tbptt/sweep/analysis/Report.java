package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparing;
import static java.util.Comparator.nullsLast;
import static java.util.stream.Collectors.toSet;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

  /** Trials on the page; nobody looks at more, and no browser draws many more. */
  private static final int MOST_TRIALS = 5000;

  /** Of the table of losses, which is drawn. */
  private static final int MOST_LINES = 200;

  /** Of style against style; if there are more, only those about all points together. */
  private static final int MOST_STYLE_LINES = 500;

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
    return of(queries, sweep, reloadSeconds, MOST_TRIALS);
  }

  /** Without how much each setting matters: forests take seconds to grow. */
  public static Report withoutImportance(Queries queries, SweepState sweep) {
    return of(queries, sweep, OptionalInt.empty(), MOST_TRIALS, false);
  }

  /**
   * With a limit.
   *
   * @param mostTrials that the page shows one by one
   */
  static Report of(Queries queries, SweepState sweep, OptionalInt reloadSeconds, int mostTrials) {
    return of(queries, sweep, reloadSeconds, mostTrials, true);
  }

  private static Report of(
      Queries queries,
      SweepState sweep,
      OptionalInt reloadSeconds,
      int mostTrials,
      boolean importance) {
    Map<String, Object> parameters = Map.of("sweep", sweep.name());
    Dataset<Row> query = queries.named("compare.sql", parameters);
    List<Row> points = query.collectAsList();
    List<String> varied = Comparison.varied(points);
    Set<List<Object>> lines = lowestLines(points);
    Dataset<Row> losses =
        query
            .sparkSession()
            .createDataFrame(
                points.stream().filter(point -> lines.contains(Comparison.line(point))).toList(),
                query.schema());
    ShownTrials shown = ShownTrials.of(queries, sweep, mostTrials);
    Report report = new Report();
    JsonObject data = report.data;
    data.add("sweep", rows(queries.named("report_sweep.sql", parameters)).get(0));
    data.add("varied", strings(varied));
    data.add("losses", rows(losses.select("*", "setting.*").drop("setting", "own")));
    data.addProperty("lines", points.stream().map(Comparison::line).distinct().count());
    Dataset<Row> trials = shown.among(queries.named("report_trials.sql", parameters));
    data.add("trials", rows(trials.drop("setting").orderBy("started_at", "trial_id")));
    data.add("curves", byTrial(shown.among(queries.named("report_curves.sql", parameters))));
    data.add("diagnoses", byTrial(shown.among(queries.named("report_diagnoses.sql", parameters))));
    shown
        .leftOut(queries.named("report_left_out.sql", parameters))
        .ifPresent(others -> data.add("left_out", rows(others)));
    data.add("levels", levels(sweep, queries.named("corpus_baselines.sql", parameters)));
    data.add(
        "styles", styles(queries.named("compare_trials.sql", parameters).collectAsList(), varied));
    if (importance) {
      importance(queries, sweep, varied).ifPresent(of -> data.add("importance", of));
    }
    data.add("rungs", rows(queries.named("report_rungs.sql", parameters)));
    data.addProperty("written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    reloadSeconds.ifPresent(seconds -> data.addProperty("reload_seconds", seconds));
    return report;
  }

  /** What {@link #withoutImportance} leaves out; empty where too little varies. */
  public static Optional<JsonObject> importance(Queries queries, SweepState sweep) {
    List<Row> points = queries.named("compare.sql", Map.of("sweep", sweep.name())).collectAsList();
    return importance(queries, sweep, Comparison.varied(points));
  }

  private static Optional<JsonObject> importance(
      Queries queries, SweepState sweep, List<String> varied) {
    return Findings.of(queries, sweep, varied)
        .map(
            findings -> {
              Importance importance = findings.importance();
              JsonObject object = new JsonObject();
              object.add("settings", new Gson().toJsonTree(importance.settings()));
              object.add("notes", strings(importance.notes()));
              return object;
            });
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
   * @param beforeData what stands before its data: JSON in which {@code <} is escaped; trials are
   *     an object by id, and {@code live} is the version
   */
  public record LivePage(String beforeData, String afterData) {

    /** Reads the page's own code. */
    public static LivePage read() {
      String place = "{{data}}";
      String page = page(NO_REQUESTS + "; connect-src 'self'", place);
      int at = page.indexOf(place);
      return new LivePage(page.substring(0, at), page.substring(at + place.length()));
    }
  }

  private static String page(String policy, String data) {
    String page = Queries.text("report/page.html").replace("{{policy}}", policy);
    for (String part : PARTS) {
      page = page.replace("{{" + part + "}}", Queries.text("report/" + part));
    }
    return page.replace("{{echarts.min.js}}", echarts()).replace("{{data}}", data);
  }

  /** Of the table of losses: those with the lowest ones, as {@link Comparison#line} has them. */
  private static Set<List<Object>> lowestLines(List<Row> points) {
    return points.stream()
        .sorted(comparing(point -> point.<Double>getAs("valid_loss"), nullsLast(Double::compareTo)))
        .map(Comparison::line)
        .distinct()
        .limit(MOST_LINES)
        .collect(toSet());
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

  static JsonArray rows(Dataset<Row> rows) {
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
    boolean all = comparison.lines().size() <= MOST_STYLE_LINES;
    List<StyleComparison.Line> shown =
        comparison.lines().stream()
            .filter(line -> all || line.ofSeveral())
            .limit(MOST_STYLE_LINES)
            .toList();
    for (StyleComparison.Line line : shown) {
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
    styles.addProperty("left_out", comparison.lines().size() - shown.size());
    return styles;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
