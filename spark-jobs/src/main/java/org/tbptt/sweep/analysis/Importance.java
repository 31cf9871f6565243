package org.tbptt.sweep.analysis;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingDouble;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.regression.RandomForestRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.tbptt.sweep.config.Count;

/**
 * How much each setting that a sweep varies matters for the loss: permutation importance (Breiman
 * 2001, "Random Forests", section 10) by a random forest that predicts losses from settings. Each
 * trial is predicted by a forest that was grown without it.
 *
 * <p>The mean squared error that shuffling a setting adds, divided by twice the variance of the
 * losses: for independent settings and a forest that is right, this is the share of the variance
 * that the setting causes alone or together with others, its total effect (Gregorutti, Michel and
 * Saint-Pierre 2017, "Correlation and variable importance in random forests"). The same trials give
 * the same numbers, bit for bit.
 *
 * @param trials that have a loss
 * @param equalEpochs of these the loss is the lowest within so many epochs; empty: within all
 * @param explained the share of the losses' variance that the forests predict, R2; below 0 if they
 *     predict worse than the mean does
 * @param settings the most important first; empty if there is too little to tell
 */
record Importance(
    int trials, Optional<Integer> equalEpochs, double explained, List<OfSetting> settings) {

  /**
   * Of one setting.
   *
   * @param share of the variance of the losses
   * @param spread standard deviation over repeated shuffles
   */
  record OfSetting(String name, double share, double spread) {}

  /** With fewer trials a forest has nothing to learn from. */
  static final int FEWEST = 20;

  /**
   * Of more trials these are taken, those with the lowest ids, which are hashes: a random choice.
   */
  private static final int MOST = 2000;

  private static final int FOLDS = 3;
  private static final int TREES = 64;
  private static final int SHUFFLES = 10;
  private static final int SEED = 1;

  Importance {
    settings = List.copyOf(settings);
  }

  /**
   * Of a sweep.
   *
   * @param findings rows of findings.sql
   * @param varied the settings in which they differ
   */
  static Importance of(SparkSession spark, List<Row> findings, List<VariedSetting> varied) {
    List<Row> trials =
        findings.stream()
            .filter(trial -> trial.getAs("comparable_loss") != null)
            .sorted(comparing(trial -> trial.<String>getAs("trial_id")))
            .limit(MOST)
            .toList();
    Optional<Integer> equalEpochs =
        findings.stream().findFirst().map(trial -> trial.<Integer>getAs("equal_epochs"));
    double[] losses =
        trials.stream().mapToDouble(trial -> trial.<Double>getAs("comparable_loss")).toArray();
    double variance = trials.isEmpty() ? 0 : StatUtils.populationVariance(losses);
    if (trials.size() < FEWEST || varied.isEmpty() || variance == 0) {
      return new Importance(trials.size(), equalEpochs, Double.NaN, List.of());
    }
    double[][] settings = new double[trials.size()][varied.size()];
    AttributeGroup columns = columns(trials, varied, settings);
    int grownFrom = trials.size() - (trials.size() + FOLDS - 1) / FOLDS;
    if (mostChoices(columns) > grownFrom) { // Spark's forests have no more categories than trials
      return new Importance(trials.size(), equalEpochs, Double.NaN, List.of());
    }
    List<RandomForestRegressionModel> forests =
        IntStream.range(0, FOLDS)
            .mapToObj(fold -> forest(spark, columns, settings, losses, fold))
            .toList();
    double error = error(forests, settings, losses);
    List<OfSetting> importances = new ArrayList<>();
    for (int column = 0; column < varied.size(); column++) {
      SummaryStatistics shares = new SummaryStatistics();
      for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
        double[][] shuffled = shuffled(settings, column, new Random(SEED + shuffle));
        shares.addValue((error(forests, shuffled, losses) - error) / (2 * variance));
      }
      importances.add(
          new OfSetting(
              varied.get(column).name(), shares.getMean(), shares.getStandardDeviation()));
    }
    importances.sort(comparingDouble(OfSetting::share).reversed());
    return new Importance(trials.size(), equalEpochs, 1 - error / variance, importances);
  }

  /** The settings as numbers. A tree sees only their order, so a logarithm would change nothing. */
  private static AttributeGroup columns(
      List<Row> trials, List<VariedSetting> varied, double[][] settings) {
    Attribute[] columns = new Attribute[varied.size()];
    for (int column = 0; column < columns.length; column++) {
      VariedSetting setting = varied.get(column);
      List<String> words =
          new ArrayList<>(new TreeSet<>(trials.stream().map(setting::text).toList()));
      for (int row = 0; row < settings.length; row++) {
        Object value = setting.value(trials.get(row));
        settings[row][column] =
            !setting.numeric()
                ? words.indexOf(setting.text(trials.get(row)))
                : value == null ? -Double.MAX_VALUE : ((Number) value).doubleValue();
      }
      columns[column] =
          setting.numeric()
              ? NumericAttribute.defaultAttr().withName(setting.name())
              : NominalAttribute.defaultAttr().withName(setting.name()).withNumValues(words.size());
    }
    return new AttributeGroup("features", columns);
  }

  /** Values of the setting that is no number and has the most. */
  private static int mostChoices(AttributeGroup columns) {
    return IntStream.range(0, columns.size())
        .mapToObj(columns::getAttr)
        .filter(NominalAttribute.class::isInstance)
        .mapToInt(column -> (int) ((NominalAttribute) column).getNumValues().get())
        .max()
        .orElse(0);
  }

  /** Grown from all trials but those of one fold. */
  private static RandomForestRegressionModel forest(
      SparkSession spark, AttributeGroup columns, double[][] settings, double[] losses, int fold) {
    List<Row> rows =
        IntStream.range(0, losses.length)
            .filter(row -> row % FOLDS != fold)
            .mapToObj(row -> RowFactory.create(losses[row], Vectors.dense(settings[row])))
            .toList();
    int bins = Math.max(Math.min(32, rows.size()), mostChoices(columns));
    return new RandomForestRegressor()
        .setNumTrees(TREES)
        .setMaxBins(bins)
        .setFeatureSubsetStrategy("all")
        .setSeed(SEED + fold)
        .fit(
            spark
                .createDataFrame(
                    rows,
                    new StructType()
                        .add("label", DataTypes.DoubleType)
                        .add(columns.toStructField()))
                // The draws of trees depend on the partitions.
                .coalesce(1));
  }

  /** Mean squared, of trials that the forest that predicts them has not seen. */
  private static double error(
      List<RandomForestRegressionModel> forests, double[][] settings, double[] losses) {
    double sum = 0;
    for (int row = 0; row < losses.length; row++) {
      double predicted = forests.get(row % FOLDS).predict(Vectors.dense(settings[row]));
      sum += (predicted - losses[row]) * (predicted - losses[row]);
    }
    return sum / losses.length;
  }

  private static double[][] shuffled(double[][] settings, int column, Random random) {
    List<Double> values = new ArrayList<>();
    for (double[] row : settings) {
      values.add(row[column]);
    }
    Collections.shuffle(values, random);
    double[][] shuffled = new double[settings.length][];
    for (int row = 0; row < settings.length; row++) {
      shuffled[row] = settings[row].clone();
      shuffled[row][column] = values.get(row);
    }
    return shuffled;
  }

  /** For a terminal. */
  List<String> lines() {
    if (settings.isEmpty()) {
      return List.of("Importance of the settings: " + whyNot());
    }
    TextTable table = new TextTable(List.of("setting", "importance"));
    settings.forEach(
        each ->
            table.add(
                List.of(
                    each.name(),
                    DecimalText.fixed(each.share(), 2)
                        + " ±"
                        + DecimalText.fixed(each.spread(), 2))));
    List<String> lines = new ArrayList<>();
    lines.add("Importance of the settings: share of the variance of the losses, with interactions");
    lines.add("");
    lines.addAll(table.lines());
    lines.add("");
    lines.addAll(notes());
    return lines;
  }

  /** What is needed to read the numbers. */
  List<String> notes() {
    if (settings.isEmpty()) {
      return List.of(whyNot());
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "by random forests over %d trials%s; ± standard deviation over %d shuffles"
            .formatted(
                trials,
                equalEpochs
                    .map(n -> ", losses of epoch" + (n == 1 ? " 1" : "s 1 to " + n))
                    .orElse(""),
                SHUFFLES));
    notes.add(
        "the forests predict %.0f%% of the variance of losses that they have not seen%s"
            .formatted(
                100 * Math.max(0, explained),
                explained < 0.5 ? ": too little to trust the numbers" : ""));
    return notes;
  }

  private String whyNot() {
    return trials < FEWEST
        ? "%s with a loss, at least %d are needed".formatted(Count.of(trials, "trial"), FEWEST)
        : "all trials have the same loss or the same settings, or a setting of words has more values"
            + " than two thirds of the trials";
  }
}
