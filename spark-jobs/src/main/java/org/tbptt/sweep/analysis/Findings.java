package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparingDouble;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What a sweep over many settings found: its best trials, how soon, and which settings matter. */
final class Findings {

  private static final int BEST = 10;
  private static final List<Integer> PERCENTS = List.of(10, 25, 50, 100);

  private final SparkSession spark;
  private final SweepState sweep;
  private final List<Row> trials;
  private final List<VariedSetting> varied;

  private Findings(SparkSession spark, SweepState sweep, List<Row> trials) {
    this.spark = spark;
    this.sweep = sweep;
    this.trials = trials;
    this.varied = VariedSetting.of(trials);
  }

  /**
   * Those that tell more than a table of truncations by learning rates shows; none for a grid with
   * at most one other setting.
   *
   * @param ofTheTable the settings that the table has columns for
   */
  static Optional<Findings> of(Queries queries, SweepState sweep, List<String> ofTheTable) {
    if (!sweep.searched() && ofTheTable.size() < 2) {
      return Optional.empty();
    }
    Dataset<Row> rows = queries.named("findings.sql", Map.of("sweep", sweep.name()));
    return Optional.of(of(rows.sparkSession(), sweep, rows.collectAsList()));
  }

  /**
   * @param trials rows of findings.sql
   */
  static Findings of(SparkSession spark, SweepState sweep, List<Row> trials) {
    return new Findings(spark, sweep, trials);
  }

  List<VariedSetting> varied() {
    return varied;
  }

  /** Computed anew by each call, which takes seconds. */
  Importance importance() {
    return Importance.of(spark, trials, varied);
  }

  /** For a terminal. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(bestTrials());
    lines.add("");
    lines.addAll(bestSoFar());
    lines.add("");
    lines.addAll(importance().lines());
    return lines;
  }

  private List<String> bestTrials() {
    List<Row> best =
        trials.stream()
            .filter(trial -> trial.getAs("loss") != null)
            .sorted(comparingDouble(trial -> trial.<Double>getAs("loss")))
            .limit(BEST)
            .toList();
    if (best.isEmpty()) {
      return List.of("no trial has a loss yet");
    }
    List<String> header = new ArrayList<>(List.of("loss", "epochs"));
    if (sweep.searched()) {
      header.add("candidate");
    }
    varied.forEach(setting -> header.add(setting.shortName()));
    header.add("trial");
    TextTable table = new TextTable(header);
    for (Row trial : best) {
      List<String> cells =
          new ArrayList<>(
              List.of(DecimalText.fixed(trial.<Double>getAs("loss"), 4), epochs(trial)));
      if (sweep.searched()) {
        Integer candidate = trial.getAs("candidate");
        cells.add(candidate == null ? "-" : candidate.toString());
      }
      varied.forEach(setting -> cells.add(setting.text(trial)));
      cells.add(trial.getAs("trial_id"));
      table.add(cells);
    }
    return table.lines();
  }

  /** "20", or "3, stopped" if these were not all. */
  private static String epochs(Row trial) {
    String status = trial.getAs("status");
    return trial.<Integer>getAs("epochs_run")
        + (status.equals("COMPLETED") ? "" : ", " + status.toLowerCase(Locale.ROOT));
  }

  private List<String> bestSoFar() {
    String what = sweep.searched() ? "candidates" : "trials";
    TextTable table =
        new TextTable(List.of("spent", what, "loss by " + what, "epochs", "loss by epochs"));
    long allEpochs =
        trials.isEmpty() ? 0 : trials.get(trials.size() - 1).<Long>getAs("epochs_spent");
    for (int percent : PERCENTS) {
      int tried = (trials.size() * percent + 99) / 100;
      long epochs = allEpochs * percent / 100;
      table.add(
          List.of(
              percent + "%",
              String.valueOf(tried),
              bestOfFirst(tried),
              String.valueOf(epochs),
              bestOfFirst(
                  (int)
                      trials.stream()
                          .filter(trial -> trial.<Long>getAs("epochs_spent") <= epochs)
                          .count())));
    }
    List<String> lines = new ArrayList<>();
    lines.add("Lowest loss so far, by share of the %s and of the epochs spent".formatted(what));
    lines.add("");
    lines.addAll(table.lines());
    return lines;
  }

  private String bestOfFirst(int tried) {
    Double loss = tried == 0 ? null : trials.get(tried - 1).<Double>getAs("best_loss");
    return loss == null ? "-" : DecimalText.fixed(loss, 4);
  }
}
