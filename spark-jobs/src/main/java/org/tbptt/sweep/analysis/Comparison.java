package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toList;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.tbptt.model.corpus.EntropyLevel;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.sweep.config.SweepConfig;

/**
 * The table of lowest validation losses as r2rt's post prints it: a row per truncation, a column
 * per learning rate.
 */
public final class Comparison {

  /** Settings that become columns of their own where a sweep varies them. */
  private static final List<String> OTHER_SETTINGS =
      List.of(
          "cell",
          "state_size",
          "embed_size",
          "batch_size",
          "keep_prob",
          "optimizer",
          "clip_norm",
          "init",
          "carry",
          "normalisation",
          "epochs",
          "precision");

  /**
   * How far a loss may be above an entropy and still count as having reached it: a third of the
   * smallest gap between them with the published lags.
   */
  private static final double REACHED = 0.02;

  private final SweepState sweep;
  private final List<Row> settings;
  private final List<EntropyLevel> levels;

  private Comparison(SweepState sweep, List<Row> settings, List<EntropyLevel> levels) {
    this.sweep = sweep;
    this.settings = settings;
    this.levels = levels;
  }

  public static Comparison of(Queries queries, SweepState sweep) {
    return new Comparison(
        sweep,
        queries.named("compare.sql", Map.of("sweep", sweep.name())).collectAsList(),
        SweepConfig.storedCorpus(sweep.conf()) instanceof ToySource toy
            ? toy.entropyLevels()
            : List.of());
  }

  /** The table and what is needed to read it, as lines for a terminal. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Sweep %s: lowest validation loss, nats per token; %d of %d trials ended"
            .formatted(sweep.name(), sweep.ended(), sweep.planned()));
    lines.add("");
    lines.addAll(table().lines());
    lines.add("");
    lines.addAll(notes());
    return lines;
  }

  private TextTable table() {
    List<String> varied = OTHER_SETTINGS.stream().filter(this::varies).toList();
    List<Double> rates =
        settings.stream()
            .map(row -> row.<Double>getAs("learning_rate"))
            .collect(toCollection(() -> new TreeSet<>(Comparator.<Double>reverseOrder())))
            .stream()
            .toList();
    List<String> header = new ArrayList<>(List.of("bptt_steps", "style"));
    header.addAll(varied);
    rates.forEach(rate -> header.add("lr " + plain(rate)));
    if (!levels.isEmpty()) {
      header.add("learned");
    }
    TextTable table = new TextTable(header);
    Map<List<String>, List<Row>> rows =
        settings.stream()
            .collect(groupingBy(row -> label(row, varied), LinkedHashMap::new, toList()));
    rows.forEach((label, cells) -> table.add(line(label, cells, rates)));
    return table;
  }

  private boolean varies(String setting) {
    return settings.stream().map(row -> row.<Object>getAs(setting)).distinct().count() > 1;
  }

  private static List<String> label(Row row, List<String> varied) {
    String style = row.getAs("style");
    boolean chunk = style.equals("tf");
    return Stream.concat(
            Stream.of(
                row.getAs("bptt_steps").toString(),
                chunk ? style : style + ", seq " + row.getAs("seq_len")),
            varied.stream().map(setting -> row.getAs(setting).toString()))
        .toList();
  }

  private List<String> line(List<String> label, List<Row> cells, List<Double> rates) {
    Optional<Row> best =
        cells.stream()
            .filter(cell -> cell.getAs("valid_loss") != null)
            .min(comparingDouble(cell -> cell.<Double>getAs("valid_loss")));
    List<String> line = new ArrayList<>(label);
    for (double rate : rates) {
      line.add(
          cells.stream()
              .filter(cell -> cell.<Double>getAs("learning_rate") == rate)
              .findFirst()
              .map(cell -> text(cell, best.isPresent() && best.get() == cell))
              .orElse("-"));
    }
    if (!levels.isEmpty()) {
      line.add(best.map(cell -> learned(cell.<Double>getAs("valid_loss"))).orElse("nothing"));
    }
    return line;
  }

  /** "5.012 ±0.004* [5.01]": mean, spread over seeds, lowest of its row, published. */
  private static String text(Row cell, boolean best) {
    Double loss = cell.getAs("valid_loss");
    if (loss == null) {
      return cell.<Long>getAs("diverged") > 0 ? "diverged" : "failed";
    }
    StringBuilder text = new StringBuilder(number(loss, 3));
    if (cell.<Long>getAs("seeds") > 1) {
      text.append(" ±").append(number(cell.<Double>getAs("spread"), 3));
    }
    text.append(best ? "*" : " ");
    Double published = cell.getAs("published_loss");
    if (published != null) {
      text.append(" [").append(number(published, 2)).append("]");
    }
    return text.toString().stripTrailing();
  }

  private String learned(double loss) {
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
      notes.add("± standard deviation over seeds; the loss is their mean");
    }
    settings.stream()
        .filter(row -> row.getAs("published_loss") != null)
        .findFirst()
        .ifPresent(
            row ->
                notes.add(
                    "[] published after %d epochs by r2rt, \"Styles of Truncated Backpropagation\"; epochs here: %d"
                        .formatted(
                            row.<Integer>getAs("published_epochs"),
                            row.<Integer>getAs("epochs_run"))));
    if (!levels.isEmpty()) {
      notes.add(
          "known entropies of this data, nats per token: "
              + String.join(
                  ", ",
                  levels.stream()
                      .map(level -> level.learned() + " " + number(level.natsPerToken(), 3))
                      .toList()));
      notes.add("learned: the lowest of them that the row's best loss reaches within " + REACHED);
    }
    return notes;
  }

  /** 0.0003, not 3.0E-4. */
  private static String plain(double rate) {
    return new BigDecimal(Double.toString(rate)).stripTrailingZeros().toPlainString();
  }

  private static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
