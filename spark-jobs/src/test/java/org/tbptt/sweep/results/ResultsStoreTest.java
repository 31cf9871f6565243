package org.tbptt.sweep.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;

class ResultsStoreTest {

  @TempDir private Path folder;
  private ResultsStore store;

  @BeforeEach
  void open() {
    SparkSession spark = LocalSpark.session();
    store = new ResultsStore(spark, folder.toString());
  }

  @Test
  void aTrialComesBackAsItWasWritten() {
    TrialResult result =
        TestTrials.result(
            "ptb",
            TestTrials.PTB,
            TestTrials.spec(new TrueStyle(5, 20), 0.003, 7),
            TrialStatus.COMPLETED,
            5.5,
            5.25,
            5.3);
    store.append(result);

    Row trial = store.table(Tables.TRIALS).collectAsList().get(0);
    assertThat(trial.<String>getAs("sweep")).isEqualTo("ptb");
    assertThat(trial.<String>getAs("trial_id")).isEqualTo(result.trialId());
    assertThat(trial.<String>getAs("style")).isEqualTo("true");
    assertThat(trial.<Integer>getAs("bptt_steps")).isEqualTo(5);
    assertThat(trial.<Integer>getAs("seq_len")).isEqualTo(20);
    assertThat(trial.<Double>getAs("learning_rate")).isEqualTo(0.003);
    assertThat(trial.<String>getAs("init")).isEqualTo("uniform-unit-scaling");
    assertThat(trial.<String>getAs("carry")).isEqualTo("post-dropout");
    assertThat(trial.<Long>getAs("seed")).isEqualTo(7);
    assertThat(trial.<String>getAs("status")).isEqualTo("COMPLETED");
    assertThat(trial.<String>getAs("reason")).isNull();
    assertThat(trial.<Double>getAs("best_valid_loss")).isEqualTo(5.25);
    assertThat(trial.<Integer>getAs("best_epoch")).isEqualTo(2);
    assertThat(trial.<Integer>getAs("epochs_run")).isEqualTo(3);
    assertThat(trial.<Long>getAs("train_tokens")).isEqualTo(3000);
    assertThat(trial.<Double>getAs("tokens_per_second")).isEqualTo(2000);
    assertThat(trial.<Timestamp>getAs("started_at").toInstant()).isEqualTo(TestTrials.NOON);

    List<Row> epochs = store.table(Tables.EPOCHS).orderBy("epoch").collectAsList();
    assertThat(epochs).extracting(row -> row.<Integer>getAs("epoch")).containsExactly(1, 2, 3);
    assertThat(epochs)
        .extracting(row -> row.<Double>getAs("valid_perplexity"))
        .containsExactly(Math.exp(5.5), Math.exp(5.25), Math.exp(5.3));
  }

  @Test
  void aTrialThatIsRemovedHasNoTestLossAnyMore() {
    TestLoss removed =
        new TestLoss("a", "0123456789abcdef", 1.5, "nd4j", 1.5, 1000, 2, "1", TestTrials.NOON);
    TestLoss other =
        new TestLoss("a", "123456789abcdef0", 1.25, "nd4j", 1.25, 1000, 2, "1", TestTrials.NOON);
    store.put(removed);
    store.put(other);

    store.remove("a", Set.of(removed.trialId()));

    assertThat(store.table(Tables.TEST_LOSSES).collectAsList())
        .extracting(row -> row.<String>getAs("trial_id"))
        .containsExactly(other.trialId());
  }

  @Test
  void whatWasMeasuredComesBackByLagAndByParameter() {
    TrialResult result =
        TestTrials.measured(
            "a",
            TestTrials.spec(new TrueStyle(5, 20), 0.003, 7),
            new Diagnosis(
                0, List.of(new Lag(0, 4, 8, 2)), List.of(new Bias("W", Double.NaN, Double.NaN))),
            new Diagnosis(
                1,
                List.of(new Lag(0, 8, 3, 2), new Lag(1, 2, 1.5, 1), new Lag(2, 0.5, 0.75, 0.5)),
                List.of(new Bias("W", 0.25, 0.97), new Bias(Bias.ALL, 0.125, 0.99))));
    store.append(result);

    ResultsStore.tableNames().forEach(store::registerView);
    SparkSession spark = LocalSpark.session();
    assertThat(
            spark
                .sql("SELECT epoch, lag, phi, w_l1, w_l2, ratio FROM lags ORDER BY epoch, lag")
                .collectAsList())
        .containsExactly(
            RowFactory.create(0, 0, 4.0, 8.0, 2.0, null),
            RowFactory.create(1, 0, 8.0, 3.0, 2.0, null),
            RowFactory.create(1, 1, 2.0, 1.5, 1.0, 0.25),
            RowFactory.create(1, 2, 0.5, 0.75, 0.5, 0.25));
    assertThat(
            spark
                .sql("SELECT epoch, parameter, relative_bias, cosine FROM bias ORDER BY 1, 2 DESC")
                .collectAsList())
        .containsExactly(
            RowFactory.create(0, "W", null, null),
            RowFactory.create(1, "all", 0.125, 0.99),
            RowFactory.create(1, "W", 0.25, 0.97));
    // Of the last time: beta = 1/4, 8 + 2 of 10.5 are more than 95%, 99% needs lag 2, (2 + 1) /
    // 10.5.
    Row trial =
        spark.sql("SELECT decay_rate, lag95, lag99, mean_depth FROM trials").collectAsList().get(0);
    assertThat(trial.getDouble(0)).isCloseTo(0.25, within(1e-12));
    assertThat(trial.getInt(1)).isEqualTo(1);
    assertThat(trial.getInt(2)).isEqualTo(2);
    assertThat(trial.getDouble(3)).isCloseTo(3 / 10.5, within(1e-12));
    assertThat(
            spark
                .sql("SELECT DISTINCT trial_id FROM lags JOIN bias USING (sweep, trial_id)")
                .collectAsList())
        .containsExactly(RowFactory.create(result.trialId()));
  }

  @Test
  void whereNothingWasMeasuredThereAreNoRows() {
    store.append(
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0));

    assertThat(folder.resolve("lags")).doesNotExist();
    assertThat(store.table(Tables.LAGS).count()).isZero();
    assertThat(store.table(Tables.BIAS).count()).isZero();
    Row trial = store.table(Tables.TRIALS).collectAsList().get(0);
    assertThat(trial.<Double>getAs("decay_rate")).isNull();
    assertThat(trial.<Integer>getAs("lag95")).isNull();
    Row epoch = store.table(Tables.EPOCHS).collectAsList().get(0);
    assertThat(epoch.<Integer>getAs("bptt_steps")).isEqualTo(5);
    assertThat(epoch.<Double>getAs("bias_bound")).isNull();
  }

  @Test
  void everyColumnOfEveryTableHasACommentAndItsOwnName() {
    for (Table<?> table : Tables.ALL) {
      assertThat(table.schema().fieldNames()).doesNotHaveDuplicates();
      for (var field : table.schema().fields()) {
        assertThat(field.getComment().isDefined()).as(table.name() + "." + field.name()).isTrue();
        assertThat(field.nullable()).isTrue();
      }
    }
  }

  @Test
  void aLossThatIsNotFiniteIsNullAndNeverRanksFirst() {
    store.append(
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.DIVERGED,
            Double.NaN));

    Row trial = store.table(Tables.TRIALS).collectAsList().get(0);
    assertThat(trial.<Double>getAs("best_valid_loss")).isNull();
    assertThat(trial.<String>getAs("reason")).isEqualTo("because of a reason");
    Row epoch = store.table(Tables.EPOCHS).collectAsList().get(0);
    assertThat(epoch.<Double>getAs("valid_loss")).isNull();
    assertThat(epoch.<Double>getAs("valid_perplexity")).isNull();
  }

  @Test
  void writingATrialAgainChangesNothing() {
    TrialResult result =
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0,
            4.9);
    store.append(result);
    store.append(result);

    assertThat(store.table(Tables.TRIALS).count()).isEqualTo(1);
    assertThat(store.table(Tables.EPOCHS).count()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<script>alert(1)</script>", "a/b=c %41", "007", "näïve 模型", "."})
  void anyTextIsASweepsName(String name) {
    TrialResult result =
        TestTrials.result(
            name,
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0);
    store.append(result);

    assertThat(store.table(Tables.TRIALS).collectAsList())
        .extracting(row -> row.<String>getAs("sweep"))
        .containsExactly(name);
    assertThat(store.trialIds(name, Set.of(TrialStatus.COMPLETED)))
        .containsExactly(result.trialId());
  }

  @Test
  void trialsAreFoundBySweepAndStatus() {
    TrialResult good =
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0);
    TrialResult failed =
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 2),
            TrialStatus.FAILED);
    store.append(good);
    store.append(failed);

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).containsExactly(good.trialId());
    assertThat(store.trialIds("a", Set.of(TrialStatus.values())))
        .containsExactlyInAnyOrder(good.trialId(), failed.trialId());
    assertThat(store.trialIds("b", Set.of(TrialStatus.values()))).isEmpty();
  }

  @Test
  void aSweepIsDescribedByItsLastRun() {
    store.describe(record("{}", 3));
    store.describe(record("{\"sweep\":1}", 4));

    List<Row> sweeps = store.table(Tables.SWEEPS).collectAsList();
    assertThat(sweeps).hasSize(1);
    assertThat(sweeps.get(0).<String>getAs("conf")).isEqualTo("{\"sweep\":1}");
    assertThat(sweeps.get(0).<Integer>getAs("planned_trials")).isEqualTo(4);
  }

  @Test
  void tablesThatWereNotWrittenAreEmpty() {
    assertThat(store.exists()).isFalse();
    assertThat(store.table(Tables.TRIALS).count()).isZero();
    assertThat(store.table(Tables.TRIALS).columns()).contains("trial_id", "best_valid_loss");
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).isEmpty();
  }

  @Test
  void aFileCannotBeTheResults() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    SparkSession spark = LocalSpark.session();

    assertThatThrownBy(() -> new ResultsStore(spark, file.toString()))
        .isInstanceOf(ResultsException.class)
        .hasMessage("--results " + file + ": is a file, must be a folder");
    assertThatThrownBy(() -> new ResultsStore(spark, "nosuch://host/path"))
        .isInstanceOf(ResultsException.class)
        .hasMessageStartingWith("--results nosuch://host/path: ");
    assertThatThrownBy(() -> new ResultsStore(spark, "s3a://bucket/path"))
        .isInstanceOf(ResultsException.class)
        .hasMessageStartingWith("--results s3a://bucket/path: ")
        .hasMessageContaining("org.apache.hadoop.fs.s3a.S3AFileSystem not found")
        .hasMessageContaining("--packages");
  }

  @Test
  void aFolderMayBeNamedLikeAPattern() {
    ResultsStore odd = new ResultsStore(LocalSpark.session(), folder + "/run [1] {a,b} *?");
    odd.append(
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TrueStyle(5, 20), 0.003, 1),
            TrialStatus.COMPLETED,
            5.0));

    assertThat(odd.table(Tables.TRIALS).count()).isEqualTo(1);
    assertThat(odd.table(Tables.EPOCHS).count()).isEqualTo(1);
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNothingBehind() throws IOException {
    Files.createDirectories(folder.resolve("epochs"));
    Files.writeString(folder.resolve("epochs/sweep=a"), "in the way");
    TrialResult result =
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0);

    assertThatThrownBy(() -> store.append(result))
        .isInstanceOf(ResultsException.class)
        .hasMessageStartingWith("cannot write file:" + folder.resolve("epochs/sweep=a"));
    try (Stream<Path> left = Files.walk(folder)) {
      assertThat(left.filter(Files::isRegularFile))
          .containsExactly(folder.resolve("epochs/sweep=a"));
    }
  }

  private static SweepRecord record(String conf, int planned) {
    return new SweepRecord(
        "a", conf, TestTrials.PTB, 10_000, 1, 2, 3, planned, "0.1.0", "3.5.9", Instant.EPOCH);
  }
}
