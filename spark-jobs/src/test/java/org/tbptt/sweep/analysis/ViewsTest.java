package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/** What each query that comes with the program answers about a small sweep, as JSON lines. */
class ViewsTest {

  /** Where the expected answers are; with -Dgolden.write=true they are written instead. */
  private static final Path GOLDEN = Path.of("src/test/resources/org/tbptt/sweep/analysis/views");

  @TempDir private static Path folder;
  private static Queries queries;

  @BeforeAll
  static void sweep() {
    SparkSession spark = LocalSpark.session();
    ResultsStore store = new ResultsStore(spark, folder.toString());
    for (int seed = 1; seed <= 2; seed++) {
      double chance = 0.01 * seed;
      add(store, new TrueStyle(5, 20), 0.003, seed, 5.6, 5.1 + chance, 5.3);
      add(store, new TrueStyle(5, 20), 0.001, seed, 5.7, 5.0 + chance);
      add(store, new TensorFlowStyle(5), 0.003, seed, 5.5, 5.2 - chance);
      add(store, new FullStyle(30), 0.003, seed, 5.4);
      add(store, new TensorFlowStyle(20), 0.003, seed, 5.45);
    }
    store.append(
        TestTrials.result(
            "s",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.001, 1),
            TrialStatus.DIVERGED,
            Double.NaN));
    store.append(
        TestTrials.result(
            "s",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.001, 2),
            TrialStatus.FAILED));
    queries = new Queries(spark, store);
  }

  static Stream<String> views() {
    return Queries.views().stream().filter(view -> !view.equals("points"));
  }

  @ParameterizedTest
  @MethodSource("views")
  void aViewAnswersAsExpected(String view) throws IOException {
    // The settings and the hash over them are what every new setting changes.
    List<String> rows =
        queries
            .query("SELECT * FROM " + view)
            .drop("setting", "trial_id", "other_trial_id")
            .toJSON()
            .collectAsList()
            .stream()
            .sorted()
            .toList();
    Path golden = GOLDEN.resolve(view + ".jsonl");
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(GOLDEN);
      Files.write(golden, rows);
    }

    assertThat(rows).isNotEmpty().isEqualTo(Files.readAllLines(golden));
  }

  /** A running sum of 0.1, 0.2 and 0.3 is a little more than their sum. */
  @Test
  void atEqualSecondsTheLastEpochOfTheFasterTrialCounts(@TempDir Path other) {
    ResultsStore store = new ResultsStore(LocalSpark.session(), other.toString());
    store.append(timed(new TrueStyle(5, 20), 0.1, 0.2, 0.3));
    store.append(timed(new TensorFlowStyle(5), 1, 2, 3));

    assertThat(
            new Queries(LocalSpark.session(), store)
                .query("SELECT valid_loss, other_valid_loss FROM styles_at_seconds")
                .collectAsList())
        .containsExactly(RowFactory.create(3.0, null));
  }

  @Test
  void amongTheBestAPointWithoutALossIsTheLast(@TempDir Path other) {
    ResultsStore store = new ResultsStore(LocalSpark.session(), other.toString());
    for (TrialStatus status : List.of(TrialStatus.FAILED, TrialStatus.COMPLETED)) {
      TrialSpec spec =
          TestTrials.spec(new TensorFlowStyle(status == TrialStatus.FAILED ? 5 : 20), 0.001, 1);
      store.append(TestTrials.result("s", TestTrials.PTB, spec, status, 5));
    }

    assertThat(
            new Queries(LocalSpark.session(), store)
                .query("SELECT bptt_steps, valid_loss FROM best")
                .collectAsList())
        .containsExactly(RowFactory.create(20, 5.0), RowFactory.create(5, null));
  }

  /** Of three epochs, whose losses are 5, 4 and 3. */
  private static TrialResult timed(Truncation truncation, double... seconds) {
    TrialResult result =
        TestTrials.result(
            "timed",
            TestTrials.PTB,
            TestTrials.spec(truncation, 0.003, 1),
            TrialStatus.COMPLETED,
            5,
            4,
            3);
    List<EpochMetrics> epochs = new ArrayList<>();
    for (EpochMetrics epoch : result.outcome().epochs()) {
      epochs.add(
          new EpochMetrics(
              epoch.epoch(),
              epoch.bpttSteps(),
              epoch.biasBound(),
              epoch.trainLoss(),
              epoch.validLoss(),
              epoch.gradientNorm(),
              epoch.clippedShare(),
              epoch.updateNorm(),
              epoch.tokens(),
              seconds[epoch.epoch() - 1]));
    }
    return result.withOutcome(result.outcome().after(epochs, TestTrials.NOON));
  }

  @Test
  void aPointIsATrialWithItsTruncationInWordsAndItsOtherSettingsTogether() {
    assertThat(
            queries
                .query(
                    "SELECT DISTINCT concat(truncation, '; ', setting.cell, ' ', setting.state_size)"
                        + " FROM points ORDER BY 1")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("full, seq 30; tanh 100", "tf; tanh 100", "true, seq 20; tanh 100");
  }

  private static Diagnosis measured(int epoch) {
    double relative = 0.25 * (epoch + 1);
    return new Diagnosis(
        epoch,
        List.of(new Lag(0, 1, 1, 1), new Lag(1, 0.5, 1, 1)),
        List.of(new Bias("W", 2 * relative, 0.5), new Bias(Bias.ALL, relative, 0.75)));
  }

  private static void add(
      ResultsStore store, Truncation truncation, double rate, long seed, double... losses) {
    store.append(
        TestTrials.result(
            "s",
            TestTrials.PTB,
            TestTrials.spec(truncation, rate, seed),
            TrialStatus.COMPLETED,
            truncation instanceof FullStyle ? List.of() : List.of(measured(0), measured(1)),
            losses));
  }
}
