package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;

class ReportTest {

  private static final int TRIALS = 20;

  @TempDir private Path folder;
  private final List<String> ids = new ArrayList<>();
  private Queries queries;
  private SweepState sweep;

  /** Of 20 trials the first has the lowest loss, and the last has failed. */
  @BeforeEach
  void sweep() {
    SparkSession spark = LocalSpark.session();
    ResultsStore store = new ResultsStore(spark, folder.toString());
    store.describe(
        new SweepRecord(
            "s", "{}", TestTrials.PTB, 10_000, 9, 9, 9, TRIALS, "0.1.0", "3.5.9", Instant.EPOCH));
    List<TrialResult> trials = new ArrayList<>();
    for (int seed = 1; seed <= TRIALS; seed++) {
      TrialResult trial =
          TestTrials.result(
              "s",
              TestTrials.PTB,
              TestTrials.spec(new TensorFlowStyle(5), 0.003, seed),
              seed < TRIALS ? TrialStatus.COMPLETED : TrialStatus.FAILED,
              seed < TRIALS ? 5 + 0.1 * seed : 1);
      trials.add(trial);
      ids.add(trial.trialId());
    }
    store.append(trials);
    queries = new Queries(spark, store);
    sweep = SweepState.find(queries, Optional.of("s"));
  }

  @Test
  void ofTooManyTrialsItShowsTheBestAndSomeOthersAndSumsUpTheRest() {
    JsonObject data = Report.of(queries, sweep, OptionalInt.empty(), 10).rowsByName();

    assertThat(data.getAsJsonObject("trials").keySet()).hasSize(10).containsAll(ids.subList(0, 5));
    List<String> others = new ArrayList<>(ids.subList(5, TRIALS).stream().sorted().toList());
    assertThat(data.getAsJsonObject("trials").keySet()).containsAll(others.subList(0, 5));
    assertThat(data.getAsJsonObject("curves").keySet())
        .isEqualTo(data.getAsJsonObject("trials").keySet());
    JsonArray rest = data.getAsJsonArray("left_out");
    int trials = 0;
    double seconds = 0;
    for (int row = 0; row < rest.size(); row++) {
      trials += rest.get(row).getAsJsonObject().get("trials").getAsInt();
      seconds += rest.get(row).getAsJsonObject().get("train_seconds").getAsDouble();
    }
    assertThat(trials).isEqualTo(10);
    assertThat(seconds).as("half a second each").isEqualTo(5);
    assertThat(data.getAsJsonArray("losses").get(0).getAsJsonObject().get("seeds").getAsInt())
        .as("means are of all")
        .isEqualTo(TRIALS - 1);
  }

  @Test
  void ofNotTooManyItShowsAll() {
    JsonObject data = Report.of(queries, sweep, OptionalInt.empty(), TRIALS).rowsByName();

    assertThat(data.getAsJsonObject("trials").keySet()).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(data.has("left_out")).isFalse();
  }
}
