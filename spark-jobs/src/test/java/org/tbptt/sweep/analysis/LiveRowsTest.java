package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;

class LiveRowsTest {

  private static final List<TrialResult> TRIALS =
      List.of(
          result(TestTrials.spec(new TensorFlowStyle(5), 0.003, 1), 5.5, 5.25),
          result(TestTrials.spec(new TensorFlowStyle(5), 0.003, 2), 5.75, 5.5),
          result(TestTrials.spec(new IntervalStyle(5, 5, 20, false), 0.003, 1), 5.25, 5.125),
          result(TestTrials.spec(new IntervalStyle(5, 5, 20, false), 0.003, 2), 5.5, 5.25));

  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path folder;

  @Test
  void theRowsOfTrialsInMemoryAreThoseOfTheReport() throws Exception {
    ResultsStore store = new ResultsStore(spark, folder.toString());
    store.describe(
        new SweepRecord(
            "s", "{}", TestTrials.PTB, 10, 10, 10, 10, 4, "0.1.0", "3.5.9", Instant.EPOCH));
    store.append(TRIALS);
    Queries queries = new Queries(spark, store);
    JsonObject report = Report.of(queries, SweepState.find(queries, Optional.of("s"))).rowsByName();
    LiveRows rows = new LiveRows(spark, "s");
    int jobs = jobs();

    rows.addEnded(TRIALS);
    Map<String, JsonObject> json = rows.json(TRIALS);
    assertThat(json).hasSize(4);
    json.forEach(
        (id, row) -> {
          JsonObject expected = report.getAsJsonObject("trials").getAsJsonObject(id);
          expected.remove("sweep");
          for (String time : List.of("started_at", "finished_at")) {
            expected.remove(time); // another format
            row.remove(time);
          }
          assertThat(row.remove("setting"))
              .as("settings that differ from the columns")
              .hasToString("{\"forget_bias\":1.0,\"init_scale\":0.1,\"engine\":\"tbptt\"}");
          assertThat(row).isEqualTo(expected);
        });
    JsonArray styles = rows.styles();

    assertThat(styles).isEqualTo(report.get("styles"));
    assertThat(styles.toString()).contains("interval");
    assertThat(rows.varied()).isEmpty();
    assertThat(jobs()).as("jobs that Spark has run").isEqualTo(jobs);
  }

  @Test
  void whatWasPublishedForTrialsIsKnownBeforeTheyEnd() {
    JsonArray published = new LiveRows(spark, "s").published(TRIALS);

    assertThat(published).hasSize(1); // of tf; that of interval was not published
    JsonObject point = published.get(0).getAsJsonObject();
    assertThat(point.get("published_loss").getAsDouble()).isEqualTo(5.21);
    assertThat(point.get("truncation").getAsString()).isEqualTo("tf");
    assertThat(point.get("state_size").getAsInt()).isEqualTo(100);
  }

  @Test
  void theStylesOfTrialsAreKnownBeforeTheyStart() {
    assertThat(new LiveRows(spark, "s").styleNames(TRIALS))
        .extracting(JsonElement::toString)
        .containsExactlyInAnyOrder(
            "{\"style\":\"tf\",\"variant\":\"tf\"}",
            "{\"style\":\"interval\",\"variant\":\"interval, k1 5\"}");
  }

  @Test
  void whatIsStoredCountsWithWhatHasEndedSince() {
    ResultsStore store = new ResultsStore(spark, folder.toString());
    store.append(TRIALS.subList(0, 3));
    LiveRows rows = new LiveRows(spark, "s");
    rows.addStored(new Queries(spark, store));
    rows.addEnded(TRIALS.subList(3, 4));

    LiveRows all = new LiveRows(spark, "s");
    all.addEnded(TRIALS);

    assertThat(rows.styles()).isEqualTo(all.styles());
  }

  private int jobs() throws TimeoutException {
    spark.sparkContext().listenerBus().waitUntilEmpty(); // its tracker hears of them later
    return spark.sparkContext().statusTracker().getJobIdsForGroup(null).length;
  }

  private static TrialResult result(TrialSpec spec, double... losses) {
    return TestTrials.result("s", TestTrials.PTB, spec, TrialStatus.COMPLETED, losses);
  }
}
