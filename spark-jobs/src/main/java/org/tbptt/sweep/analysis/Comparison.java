package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.tbptt.model.baseline.Baselines;
import org.tbptt.model.corpus.EntropyLevel;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.sweep.config.SweepConfig;

/**
 * The table of lowest validation losses as r2rt's post prints it: a row per truncation, a column
 * per learning rate.
 */
public final class Comparison {

  /**
   * How far a loss may be above an entropy and still count as having reached it: a third of the
   * smallest gap between them with the published lags.
   */
  private static final double REACHED = 0.02;

  private static final String WORSE = "worse than unigram";

  private final SweepState sweep;
  private final List<Row> settings;
  private final List<String> varied;
  private final List<StyleComparison> styles;
  private final List<EntropyLevel> levels;
  private final Map<String, Double> baselines;
  private final Optional<Findings> findings;

  private Comparison(
      SweepState sweep,
      List<Row> settings,
      List<String> varied,
      List<StyleComparison> styles,
      List<EntropyLevel> levels,
      Map<String, Double> baselines,
      Optional<Findings> findings) {
    this.sweep = sweep;
    this.settings = settings;
    this.varied = varied;
    this.styles = styles;
    this.levels = levels;
    this.baselines = baselines;
    this.findings = findings;
  }

  public static Comparison of(Queries queries, SweepState sweep) {
    Map<String, Object> parameters = Map.of("sweep", sweep.name());
    List<Row> settings = queries.named("compare.sql", parameters).collectAsList();
    return of(
        sweep,
        settings,
        queries.named("compare_trials.sql", parameters).collectAsList(),
        queries.named("corpus_baselines.sql", parameters).collectAsList(),
        Findings.of(queries, sweep, varied(settings)));
  }

  /**
   * @param settings rows of compare.sql
   * @param trials rows of compare_trials.sql
   * @param baselines rows of corpus_baselines.sql
   */
  static Comparison of(
      SweepState sweep,
      List<Row> settings,
      List<Row> trials,
      List<Row> baselines,
      Optional<Findings> findings) {
    List<String> varied = varied(settings);
    return new Comparison(
        sweep,
        settings,
        varied,
        StyleComparison.of(trials, varied),
        levels(sweep),
        baselines(baselines),
        findings);
  }

  /** Validation losses by model, the worst first, nats per token. */
  static Map<String, Double> baselines(List<Row> rows) {
    Map<String, Double> losses = new LinkedHashMap<>();
    rows.forEach(row -> losses.put(row.getAs("model"), row.getAs("valid_loss")));
    return losses;
  }

  /** What can be learned at all of the sweep's data, where that is known. */
  static List<EntropyLevel> levels(SweepState sweep) {
    return SweepConfig.storedCorpus(sweep.conf()) instanceof ToySource toy
        ? toy.entropyLevels()
        : List.of();
  }

  /** The table and what is needed to read it, as lines for a terminal. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Sweep %s: lowest validation loss, nats per token; %d of %d trials ended%s"
            .formatted(sweep.name(), sweep.ended(), sweep.planned(), stopped()));
    lines.add("");
    // A search has a learning rate of its own for every trial, too many for columns.
    if (!sweep.searched()) {
      lines.addAll(table().lines());
      lines.add("");
      lines.addAll(notes());
    }
    if (findings.isPresent()) {
      if (!sweep.searched()) {
        lines.add("");
      }
      lines.addAll(findings.get().lines());
    }
    lines.addAll(StyleComparison.text(styles));
    return lines;
  }

  private String stopped() {
    long stopped = settings.stream().mapToLong(row -> row.<Long>getAs("stopped")).sum();
    return stopped == 0 ? "" : ", " + stopped + " of them stopped early";
  }

  private TextTable table() {
    List<Double> rates =
        settings.stream()
            .map(row -> row.<Double>getAs("learning_rate"))
            .collect(toCollection(() -> new TreeSet<>(Comparator.<Double>reverseOrder())))
            .stream()
            .toList();
    List<String> header = new ArrayList<>(List.of("bptt_steps", "style"));
    header.addAll(varied);
    rates.forEach(rate -> header.add("lr " + DecimalText.plain(rate)));
    if (showsSpeed()) {
      header.add("tokens/s");
    }
    if (!levels.isEmpty()) {
      header.add("learned");
    }
    TextTable table = new TextTable(header);
    settings.stream()
        .collect(groupingBy(Comparison::line, LinkedHashMap::new, toList()))
        .values()
        .forEach(cells -> table.add(line(cells, rates)));
    return table;
  }

  /** The settings that become columns of their own, because the sweep varies them. */
  static List<String> varied(List<Row> points) {
    return variedIn(points.stream().map(Comparison::setting).distinct().toList());
  }

  /**
   * As {@link #varied}.
   *
   * @param settings what compare.sql has for each point
   */
  static List<String> variedIn(List<Row> settings) {
    return settings.isEmpty()
        ? List.of()
        : Arrays.stream(settings.get(0).schema().fieldNames())
            .filter(name -> settings.stream().map(row -> row.getAs(name)).distinct().count() > 1)
            .toList();
  }

  /** What another engine is compared for, beside its losses. */
  private boolean showsSpeed() {
    return varied.contains("engine");
  }

  private static String speed(List<Row> cells) {
    OptionalDouble mean =
        cells.stream()
            .map(cell -> cell.<Double>getAs("tokens_per_second"))
            .filter(Objects::nonNull)
            .mapToDouble(speed -> speed)
            .average();
    return mean.isPresent() ? String.format(Locale.ROOT, "%,.0f", mean.getAsDouble()) : "-";
  }

  /** What the cells of one line have in common: their truncation and settings. */
  static List<Object> line(Row row) {
    return Stream.of("style", "bptt_steps", "seq_len", "own", "setting").map(row::getAs).toList();
  }

  private List<String> label(Row row) {
    return Stream.concat(
            Stream.of(row.getAs("bptt_steps").toString(), row.<String>getAs("truncation")),
            varied.stream().map(name -> value(row, name)))
        .toList();
  }

  private static String value(Row row, String name) {
    return word(setting(row).getAs(name));
  }

  /** A value of a setting that a sweep varies, "-" where a trial has none. */
  static String word(Object value) {
    return value instanceof Double number
        ? DecimalText.plain(number)
        : Objects.toString(value, "-");
  }

  private static Row setting(Row row) {
    return row.getAs("setting");
  }

  private List<String> line(List<Row> cells, List<Double> rates) {
    Optional<Row> best =
        cells.stream()
            .filter(cell -> cell.getAs("valid_loss") != null)
            .min(comparingDouble(cell -> cell.<Double>getAs("valid_loss")));
    List<String> line = new ArrayList<>(label(cells.get(0)));
    for (double rate : rates) {
      line.add(
          cells.stream()
              .filter(cell -> cell.<Double>getAs("learning_rate") == rate)
              .findFirst()
              .map(cell -> text(cell, best.isPresent() && best.get() == cell))
              .orElse("-"));
    }
    if (showsSpeed()) {
      line.add(speed(cells));
    }
    if (!levels.isEmpty()) {
      line.add(best.map(this::learned).orElse("nothing"));
    }
    return line;
  }

  /**
   * "5.012 ±0.004* (1 failed) [5.01 +0.002]": mean, standard error, lowest of its row, trials that
   * ended otherwise, published, difference.
   */
  private String text(Row cell, boolean best) {
    Double loss = cell.getAs("valid_loss");
    if (loss == null) {
      return Stream.of("diverged", "stopped")
          .filter(ending -> cell.<Long>getAs(ending) > 0)
          .findFirst()
          .orElse("failed");
    }
    StringBuilder text = new StringBuilder(DecimalText.fixed(loss, 3));
    if (cell.<Long>getAs("seeds") > 1) {
      text.append(" ±").append(DecimalText.fixed(cell.<Double>getAs("standard_error"), 3));
    }
    text.append(best ? "*" : " ");
    for (String ending : List.of("diverged", "failed", "stopped")) {
      long trials = cell.<Long>getAs(ending);
      if (trials > 0) {
        text.append(" (").append(trials).append(" ").append(ending).append(")");
      }
    }
    if (isWorseThanUnigram(cell)) {
      text.append(" (").append(WORSE).append(")");
    }
    Double published = cell.getAs("published_loss");
    if (published != null) {
      text.append(" [").append(DecimalText.fixed(published, 2)).append(" ");
      text.append(DecimalText.signed(loss - published, 3)).append("]");
    }
    return text.toString().stripTrailing();
  }

  private boolean isWorseThanUnigram(Row cell) {
    Double loss = cell.getAs("valid_loss");
    return loss != null
        && isOfLastCorpus(cell)
        && loss > baselines.getOrDefault(Baselines.UNIGRAM, Double.POSITIVE_INFINITY);
  }

  /** Whether baselines and entropies, which are those of the last run's corpus, are of its data. */
  private boolean isOfLastCorpus(Row cell) {
    return cell.<Row>getAs("setting").<String>getAs("corpus_id").equals(sweep.corpusId());
  }

  private String learned(Row cell) {
    if (!isOfLastCorpus(cell)) {
      return "-";
    }
    double loss = cell.<Double>getAs("valid_loss");
    EntropyLevel reached = levels.get(0);
    for (EntropyLevel level : levels) {
      if (loss <= level.natsPerToken() + REACHED) {
        reached = level;
      }
    }
    return reached.learned();
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("* lowest of its row");
    if (settings.stream().anyMatch(row -> row.<Long>getAs("seeds") > 1)) {
      notes.add("± standard error over seeds; the loss is their mean");
    }
    if (settings.stream()
        .anyMatch(row -> row.<Long>getAs("diverged") > 0 && row.getAs("valid_loss") != null)) {
      notes.add(
          "(diverged) a trial that diverges counts with the lowest loss that it had before, if any");
    }
    notes.addAll(againstPublished());
    if (!baselines.isEmpty()) {
      notes.add(
          baselines.entrySet().stream()
              .map(of -> of.getKey() + " " + DecimalText.fixed(of.getValue(), 3))
              .collect(joining(", ", "without a network, nats per token: ", "")));
    }
    if (settings.stream().anyMatch(this::isWorseThanUnigram)) {
      notes.add(
          WORSE
              + ": the network predicts worse than word frequencies alone; docs/lags.md, \"Worse"
              + " than unigram\", gives the usual cause");
    }
    if (!levels.isEmpty()) {
      notes.add(
          "known entropies of this data, nats per token: "
              + String.join(
                  ", ",
                  levels.stream()
                      .map(
                          level ->
                              level.learned() + " " + DecimalText.fixed(level.natsPerToken(), 3))
                      .toList()));
      notes.add(
          "learned: the lowest of these that the row's best loss reaches to within " + REACHED);
    }
    return notes;
  }

  /** How far the losses are from those that were published, all in all. */
  private List<String> againstPublished() {
    List<Row> both =
        settings.stream()
            .filter(row -> row.getAs("published_loss") != null && row.getAs("valid_loss") != null)
            .toList();
    if (both.isEmpty()) {
      return List.of();
    }
    Row furthest =
        both.stream().max(comparingDouble(row -> Math.abs(toPublished(row)))).orElseThrow();
    return List.of(
        "[] published after %d epochs by %s, and the difference; epochs here: %d"
            .formatted(
                both.get(0).<Integer>getAs("published_epochs"),
                both.get(0).<String>getAs("published_by"),
                both.get(0).<Integer>getAs("epochs_run")),
        "of %d published losses %d are met within 0.02, %d within 0.03; furthest off: %s at %s %s, lr %s"
            .formatted(
                both.size(),
                within(both, 0.02),
                within(both, 0.03),
                DecimalText.signed(toPublished(furthest), 3),
                furthest.getAs("bptt_steps"),
                furthest.getAs("truncation"),
                DecimalText.plain(furthest.<Double>getAs("learning_rate"))));
  }

  private static long within(List<Row> cells, double nats) {
    return cells.stream().filter(cell -> Math.abs(toPublished(cell)) <= nats).count();
  }

  private static double toPublished(Row cell) {
    return cell.<Double>getAs("valid_loss") - cell.<Double>getAs("published_loss");
  }
}
