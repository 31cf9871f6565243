package org.tbptt.sweep.analysis;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

class FindingsTest {

  @TempDir private static Path folder;
  private static Map<String, List<Row>> sweeps;
  private static Map<String, List<Row>> settings;
  private static Map<String, List<Row>> findings;
  private static long failures;
  private static Queries queries;

  /**
   * Candidate i of "search" has the learning rate (i + 1) / 1000. Its loss is least at 0.01 and a
   * little higher with tf; the size of its state is of no consequence. Every third trial is stopped
   * after an epoch.
   */
  @BeforeAll
  static void write() {
    SparkSession spark = LocalSpark.session();
    ResultsStore store = new ResultsStore(spark, folder.toString());
    store.append(IntStream.range(0, 30).mapToObj(i -> candidate("search", i)).toList());
    store.append(IntStream.range(0, 5).mapToObj(i -> candidate("few", i)).toList());
    for (int seed = 1; seed <= 3; seed++) {
      double[] losses = seed == 3 ? new double[] {9} : new double[] {6, 5.5, 5.0 + 0.1 * seed};
      add(store, "grid", spec(new TensorFlowStyle(5), 0.003, 100, 0.8, seed), losses);
    }
    add(store, "grid", spec(new TensorFlowStyle(5), 0.003, 200, 0.8, 1), 5.9, 5.8, 5.7);
    add(store, "grid", spec(new TensorFlowStyle(5), 0.003, 200, 0.6, 1), 5.2);
    for (String sweep : List.of("search", "few", "grid")) {
      store.describe(ComparedSweeps.record(sweep, 30, 0));
    }
    queries = new Queries(spark, store);
    Dataset<Row> trials =
        queries
            .query("SELECT * FROM trials")
            .withColumn(
                "candidate",
                expr("IF(sweep = 'grid', NULL, CAST(round(1000 * learning_rate) AS INT) - 1)"));
    spark
        .createDataFrame(trials.collectAsList(), trials.schema())
        .createOrReplaceTempView("trials");
    sweeps = ComparisonTest.bySweep(queries, "sweeps.sql");
    settings = ComparisonTest.bySweep(queries, "compare.sql");
    findings = ComparisonTest.bySweep(queries, "findings.sql");
    failures = queries.query("SELECT * FROM failures").count();
  }

  @Test
  void aSearchIsToldByItsBestTrialsAndNotByATableOfLearningRates() {
    List<String> lines = compare("search");

    assertThat(lines.subList(0, 6))
        .containsExactly(
            "Sweep search: lowest validation loss, nats per token; 30 of 30 trials ended,"
                + " 10 of them stopped early",
            "",
            "loss | epochs | candidate | style | bptt_steps | lr | state_size | trial",
            "5.0000 | 3 | 9 | true | 5 | 0.01 | 104 | " + id(9),
            "5.1092 | 1, stopped | 10 | tf | 20 | 0.011 | 100 | " + id(10),
            "5.1193 | 3 | 8 | tf | 20 | 0.009 | 103 | " + id(8));
    assertThat(lines)
        .noneMatch(line -> line.contains("bptt_steps | style") || line.contains("against"))
        .containsSubsequence(
            "Lowest loss so far, by share of the candidates and of the epochs spent",
            "",
            "spent | candidates | loss by candidates | epochs | loss by epochs",
            "10% | 3 | 6.2179 | 7 | 6.2179",
            "25% | 8 | 5.2231 | 17 | 5.3706",
            "50% | 15 | 5.0000 | 35 | 5.0000",
            "100% | 30 | 5.0000 | 70 | 5.0000",
            "setting | importance");
  }

  @Test
  void theLearningRateMattersMostAndTheNumbersRepeat() {
    Importance importance = findings("search").importance();

    assertThat(importance.trials()).isEqualTo(30);
    assertThat(importance.equalEpochs()).contains(1);
    assertThat(importance.explained()).isGreaterThan(0.5);
    assertThat(importance.settings().get(0).name()).isEqualTo("learning_rate");
    assertThat(importance.settings().get(0).share()).isBetween(0.5, 1.5);
    assertThat(importance.settings().subList(1, 4))
        .allSatisfy(each -> assertThat(each.share()).isBetween(-0.05, 0.2));
    List<String> lines = findings("search").lines();
    assertThat(lines).endsWith(importance.lines().toArray(String[]::new));
    assertThat(lines)
        .contains(
            "by random forests over 30 trials, losses of epoch 1;"
                + " ± standard deviation over 10 shuffles");
  }

  /** A live page reads the rest more often. */
  @Test
  void aReportWithoutImportanceIsTheSameOtherwise() {
    JsonObject whole = Report.of(queries, state("search")).rowsByName();
    JsonObject rest = Report.withoutImportance(queries, state("search")).rowsByName();
    assertThat(rest.has("importance")).isFalse();

    Report.importance(queries, state("search")).ifPresent(of -> rest.add("importance", of));

    assertThat(rest.keySet()).contains("importance");
    whole.remove("written");
    rest.remove("written");
    assertThat(rest).isEqualTo(whole);
  }

  @Test
  void fewTrialsAreTooFewForImportance() {
    assertThat(compare("few"))
        .endsWith("Importance of the settings: 5 trials with a loss, at least 20 are needed");
  }

  /** Spark's forests have no more categories than trials. */
  @Test
  void aSettingOfNearlyAsManyChoicesAsTrialsHasNoImportance() {
    List<Row> trials = findings.get("search");
    VariedSetting choices = new VariedSetting("trial_id", false);

    assertThat(Importance.of(LocalSpark.session(), trials, List.of(choices)).lines())
        .containsExactly(
            "Importance of the settings: all trials have the same loss or the same settings, or a"
                + " setting of words has more values than two thirds of the trials");
  }

  @Test
  void aGridOfSeveralSettingsHasItsTableAndItsBestTrials() {
    assertThat(compare("grid"))
        .containsSubsequence(
            "bptt_steps | style | state_size | keep_prob | lr 0.003",
            "5 | tf | 100 | 0.8 | 5.150 ±0.050* (1 stopped) [5.21 -0.060]",
            "5 | tf | 200 | 0.6 | stopped",
            "loss | epochs | state_size | keep_prob | seed | trial",
            "Lowest loss so far, by share of the trials and of the epochs spent");
  }

  @Test
  void onlyASearchOrAGridOfSeveralSettingsHasMoreToTellThanItsTable() {
    assertThat(Findings.of(queries, state("grid"), List.of())).isEmpty();
    assertThat(Findings.of(queries, state("grid"), List.of("state_size"))).isEmpty();
    assertThat(Findings.of(queries, state("grid"), List.of("state_size", "keep_prob")))
        .hasValueSatisfying(found -> assertThat(found.varied()).hasSize(3));
    assertThat(Findings.of(queries, state("search"), List.of())).isPresent();
  }

  @Test
  void aStoppedTrialIsNoFailure() {
    assertThat(failures).isZero();
  }

  private static String id(int candidate) {
    return candidate("search", candidate).trialId();
  }

  private static List<String> compare(String sweep) {
    return Comparison.of(
            state(sweep), settings.get(sweep), List.of(), List.of(), Optional.of(findings(sweep)))
        .lines()
        .stream()
        .map(line -> line.replaceAll(" {2,}", " | "))
        .toList();
  }

  private static Findings findings(String sweep) {
    return Findings.of(LocalSpark.session(), state(sweep), findings.get(sweep));
  }

  private static SweepState state(String sweep) {
    return SweepState.of(sweeps.get(sweep).get(0));
  }

  private static TrialResult candidate(String sweep, int i) {
    boolean tf = i % 2 == 0;
    double rate = (i + 1) / 1000.0;
    double loss = 5 + Math.abs(Math.log(rate / 0.01)) + (tf ? 0.0139 : 0);
    double[] losses = i % 3 == 1 ? new double[] {loss} : new double[] {loss + 0.2, loss, loss + 1};
    return result(
        sweep,
        spec(tf ? new TensorFlowStyle(20) : new TrueStyle(5, 20), rate, 100 + i % 5, 0.8, 1),
        losses);
  }

  private static void add(ResultsStore store, String sweep, TrialSpec spec, double... losses) {
    store.append(result(sweep, spec, losses));
  }

  /** One of a single epoch was stopped. */
  private static TrialResult result(String sweep, TrialSpec spec, double... losses) {
    TrialStatus status = losses.length == 1 ? TrialStatus.STOPPED : TrialStatus.COMPLETED;
    return TestTrials.result(sweep, TestTrials.PTB, spec, status, losses);
  }

  private static TrialSpec spec(
      Truncation truncation, double rate, int stateSize, double keepProb, long seed) {
    TrialSpec base = TestTrials.spec(truncation, rate, seed);
    RnnModel model = base.model();
    return new TrialSpec(
        truncation,
        new RnnModel(model.cell(), stateSize, 50, keepProb, model.init(), model.carry()),
        base.training(),
        seed);
  }
}
