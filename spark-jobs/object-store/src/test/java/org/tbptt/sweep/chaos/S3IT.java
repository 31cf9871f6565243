package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.chaos.SweepProcess.Brake;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/**
 * Results on s3a, at an S3 server on this machine that can be slow and can fail: the tables end up
 * as those of an undisturbed sweep in a local folder, bit for bit.
 */
class S3IT {

  private static final int TRIALS = 4;
  private static final int EPOCHS = 10;

  @TempDir private static Path shared;
  private static S3Server server;
  private static UnreliableStore store;
  private static Path conf;
  private static List<Row> undisturbed;
  private static final Map<String, String> SPARK = new HashMap<>();

  @TempDir private Path folder;
  private String results;

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server(shared, "bucket");
    store = new UnreliableStore(server.uri());
    Map<String, String> s3a =
        Map.of(
            "fs.s3a.endpoint", store.uri().toString(),
            "fs.s3a.path.style.access", "true",
            "fs.s3a.connection.ssl.enabled", "false",
            "fs.s3a.access.key", "any",
            "fs.s3a.secret.key", "any");
    SPARK.put("spark.master", "local[2]");
    s3a.forEach((name, value) -> SPARK.put("spark.hadoop." + name, value));
    Configuration hadoop = LocalSpark.session().sparkContext().hadoopConfiguration();
    s3a.forEach(hadoop::set);
    conf =
        Files.writeString(
            shared.resolve("s3.conf"),
            """
            sweep {
              name = s3
              corpus { kind = toy, train-length = 20000, valid-length = 2000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 9, seq-len = 10}
                style = true
                learning-rate = [0.01, 0.003]
                seed = [1, 2]
              }
              model { state-size = 24, embed-size = 8, keep-prob = 0.9 }
              training { epochs = %d, batch-size = 20 }
            }
            """
                .formatted(EPOCHS));
    String local = shared.resolve("undisturbed").toString();
    Submission run = Submission.to(local, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    undisturbed = DisturbedSweep.epochs(local);
    assertThat(undisturbed).hasSize(TRIALS * EPOCHS);
  }

  @AfterAll
  static void stop() {
    store.close();
    server.close();
  }

  @BeforeEach
  void elsewhere(TestInfo test) {
    store.reset();
    results = "s3a://bucket/" + test.getTestMethod().orElseThrow().getName();
  }

  @Test
  void aSweepThatIsStoppedAndResumed() throws Exception {
    try (SweepProcess first = run()) {
      first.awaitOutput("epoch 2");
      SweepProcess.signal("TERM", first.pid());
      assertThat(first.exit()).as(first.output()).isEqualTo(130);
    }
    finish();

    Submission compare = Submission.to(results, "compare");
    assertThat(compare.exit()).as(compare.err()).isZero();
    assertThat(compare.out()).contains("Sweep s3: lowest validation loss", "4 of 4 trials");
    Submission report = Submission.to(results, "report");
    assertThat(report.exit()).as(report.err()).isZero();
    assertThat(report.out()).contains(results + "/report.html");
    Submission evaluate = Submission.to(results, "evaluate", "best");
    assertThat(evaluate.exit()).as(evaluate.err()).isZero();
  }

  @Test
  void aSecondDriver() throws Exception {
    try (SweepProcess first = run()) {
      first.awaitOutput("s3: training");
      try (Brake untilTheSecondHasEnded = first.slowDown();
          SweepProcess second = run()) {
        assertThat(second.exit()).as(second.output()).isEqualTo(1);
        assertThat(second.output())
            .contains("submit.sh: sweep s3 is being run by another driver: process " + first.pid());
      }
      assertThat(first.exit()).as(first.output()).isZero();
    }
    assertUndisturbed();
  }

  @Test
  void twoDriversThatBeginAtOnce() throws Exception {
    try (SweepProcess one = run();
        SweepProcess other = run()) {
      assertThat(List.of(one.exit(), other.exit()))
          .as(one.output() + other.output())
          .containsExactlyInAnyOrder(0, 1);
    }
    assertUndisturbed();
  }

  @Test
  void driversThatAreKilledAtRandomMoments() throws Exception {
    Random random = new Random(7);
    int killed = 0;
    for (int time = 0; time < 2; time++) {
      try (SweepProcess run = run()) {
        run.awaitOutput("s3: ");
        Thread.sleep(random.nextInt(2_000));
        killed += run.kill() ? 1 : 0;
      }
    }
    assertThat(killed).isPositive();
    finish();
  }

  @Test
  void aDriverThatIsSuspendedWhileAnotherTakesOver() throws Exception {
    try (SweepProcess first = run()) {
      first.awaitOutput("epoch 2");
      SweepProcess.signal("STOP", first.pid());
      Thread.sleep(21_000); // its lock expires after 20
      finish();
      SweepProcess.signal("CONT", first.pid());
      assertThat(first.exit()).as(first.output()).isEqualTo(1);
      assertThat(first.output()).contains("lost the lock " + results);
    }
    assertUndisturbed();
  }

  @Test
  void aStoreThatIsSlow() throws Exception {
    store.delay(Duration.ofMillis(100));
    finish();
  }

  @Test
  void aStoreOfWhichAFifthOfTheRequestsFail() throws Exception {
    store.fail(0.2);
    finish();
  }

  @Test
  void aStoreThatIsGoneForHalfAMinute() throws Exception {
    try (SweepProcess run = run()) {
      run.awaitOutput("epoch 2");
      store.fail(1);
      Thread.sleep(30_000);
      store.fail(0);
      assertThat(run.exit()).as(run.output()).isIn(0, 1);
    }
    finish();
  }

  @Test
  void aSmallTrialTakesFewRequests() {
    requestsOf(100, 30); // what a sweep takes besides its trials is a part of that
  }

  @Test
  @Tag("soak")
  void aSweepOfAThousandSmallTrials() {
    requestsOf(1_000, 20);
  }

  private void requestsOf(int trials, long most) {
    String seeds =
        IntStream.rangeClosed(1, trials)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(",", "[", "]"));
    Submission run =
        Submission.to(
            results,
            "run",
            conf,
            "--set",
            "sweep.name=small",
            "--set",
            "sweep.grid.seed=" + seeds,
            "--set",
            "sweep.grid.learning-rate=0.01",
            "--set",
            "sweep.corpus.train-length=1000",
            "--set",
            "sweep.training.epochs=4");
    assertThat(run.exit()).as(run.err()).isZero();
    long requests = store.requests().values().stream().mapToLong(Long::longValue).sum();
    System.out.printf(
        "s3a: %d trials, %.1f requests and %.0f bytes a trial: %s%n",
        trials, (double) requests / trials, (double) store.bytes() / trials, store.requests());
    assertThat(requests).isLessThan(most * trials);
    assertThat(trials(results)).hasSize(trials);
  }

  private SweepProcess run() throws IOException {
    List<String> words = new ArrayList<>(List.of("run", "" + conf, "--results", results));
    words.addAll(List.of("--checkpoint-interval", "1"));
    return SweepProcess.sweep(folder, SPARK, words.toArray(String[]::new));
  }

  /** Runs the sweep to its end, in a process of its own. */
  private void finish() throws Exception {
    try (SweepProcess run = run()) {
      assertThat(run.exit()).as(run.output()).isZero();
    }
    assertUndisturbed();
  }

  private void assertUndisturbed() {
    store.fail(0);
    store.delay(Duration.ZERO);
    assertThat(trials(results))
        .hasSize(TRIALS)
        .allMatch(row -> row.getString(1).equals("COMPLETED"))
        .extracting(row -> row.getString(0))
        .doesNotHaveDuplicates();
    assertThat(DisturbedSweep.epochs(results)).isEqualTo(undisturbed);
  }

  private static List<Row> trials(String results) {
    return new ResultsStore(LocalSpark.session(), results)
        .table(Tables.TRIALS)
        .select("trial_id", "status")
        .collectAsList();
  }
}
