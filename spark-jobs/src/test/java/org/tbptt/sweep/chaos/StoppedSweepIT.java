package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Table;
import org.tbptt.sweep.results.Tables;

/**
 * A sweep that stops trials: whatever happens to its processes, and on any number of slots, it
 * trains and stops the same trials at the same epochs with the same bits.
 */
class StoppedSweepIT {

  private static final String HALVING = "sweep.stopping={kind=successive-halving,factor=2}";
  private static final String MEDIAN = "sweep.stopping={kind=median,min-epochs=2}";

  /** Killed at moments that another run repeats. */
  private final Random random = new Random(11);

  @TempDir private Path folder;
  private Path conf;
  private Path results;

  @BeforeEach
  void conf() throws IOException {
    results = folder.resolve("results");
    conf =
        Files.writeString(
            folder.resolve("stopped.conf"),
            """
            sweep {
              name = stopped
              corpus { kind = toy, train-length = 30000, valid-length = 2000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 9, seq-len = 10}
                style = true
                learning-rate = [0.001, 0.003, 0.01, 0.0003]
                seed = [1, 2]
              }
              model { state-size = 24, embed-size = 8, keep-prob = 0.9 }
              training { epochs = 9, batch-size = 20 }
              keep-models = none
            }
            """);
  }

  @Test
  void aDriverThatIsKilled() throws Exception {
    Tabled undisturbed = undisturbed(HALVING);
    killDrivers(1, HALVING);
    finish(undisturbed, HALVING);
  }

  @ParameterizedTest
  @ValueSource(strings = {HALVING, MEDIAN})
  @Tag("soak")
  void driversThatAreKilledAtRandomMoments(String rule) throws Exception {
    Tabled undisturbed = undisturbed(rule);
    for (int sweep = 1; sweep <= 3; sweep++) {
      results = folder.resolve("results-" + sweep);
      killDrivers(4, rule);
      finish(undisturbed, rule);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {HALVING, MEDIAN})
  @Tag("soak")
  void executorsThatAreKilledEveryFewSeconds(String rule) throws Exception {
    Tabled undisturbed = undisturbed(rule);
    int killed = 0;
    try (SweepProcess run = start("local-cluster[2,1,512]", rule)) {
      run.awaitOutput("stopped: training");
      while (run.isAlive()) {
        Thread.sleep(2_500 + random.nextInt(2_000));
        List<ProcessHandle> executors = run.executors();
        if (killed < 4 && !executors.isEmpty()) {
          SweepProcess.signal("KILL", executors.get(random.nextInt(executors.size())).pid());
          killed++;
        }
      }
      assertThat(run.exit()).as(run.output()).isZero();
    }
    assertThat(killed).isPositive();
    assertThat(Tabled.of(results)).isEqualTo(undisturbed);
  }

  @ParameterizedTest
  @ValueSource(strings = {HALVING, MEDIAN})
  @Tag("soak")
  void oneSlotAndFour(String rule) throws Exception {
    Tabled undisturbed = undisturbed(rule);
    for (String master : List.of("local[1]", "local[4]")) {
      results = folder.resolve(master);
      try (SweepProcess run = start(master, rule)) {
        assertThat(run.exit()).as(run.output()).isZero();
      }
      assertThat(Tabled.of(results)).isEqualTo(undisturbed);
    }
  }

  @Test
  @Tag("soak")
  void aSweepThatIsInterruptedWhileTrialsArePaused() throws Exception {
    // The first trials of the grid are slow; the next ones have to wait for them.
    String[] settings = {HALVING, "sweep.grid.\"model.state-size\"=[150,8]"};
    Tabled undisturbed = undisturbed(settings);
    try (SweepProcess run = start("local[4]", settings)) {
      run.awaitOutput("paused after epoch");
      SweepProcess.signal("INT", run.pid());
      assertThat(run.exit()).as(run.output()).isEqualTo(130);
    }
    finish(undisturbed, settings);
  }

  /** What the tables have that does not depend on when and where it was computed. */
  private record Tabled(List<Row> trials, List<Row> epochs, List<Row> rungs) {

    static Tabled of(Path results) {
      return new Tabled(
          rows(
              results,
              Tables.TRIALS,
              "trial_id",
              "status",
              "reason",
              "best_valid_loss",
              "best_epoch",
              "epochs_run",
              "train_tokens"),
          rows(
              results,
              Tables.EPOCHS,
              "trial_id",
              "epoch",
              "train_loss",
              "valid_loss",
              "grad_norm",
              "update_norm",
              "tokens"),
          rows(
              results,
              Tables.RUNGS,
              "candidate",
              "rung",
              "trial_id",
              "rule",
              "epoch",
              "loss",
              "rank",
              "among",
              "advance",
              "median",
              "stopped",
              "reason"));
    }

    private static List<Row> rows(Path results, Table<?> table, String first, String... others) {
      return new ResultsStore(LocalSpark.session(), results.toString())
          .table(table)
          .select(first, others)
          .orderBy(first, others[0])
          .collectAsList();
    }
  }

  private Tabled undisturbed(String... settings) {
    Path alone = folder.resolve("undisturbed");
    Submission run = Submission.to(alone, (Object[]) words(settings));
    assertThat(run.exit()).as(run.err()).isZero();
    Tabled tabled = Tabled.of(alone);
    assertThat(tabled.trials())
        .extracting(row -> row.<String>getAs("status"))
        .contains("STOPPED", "COMPLETED");
    return tabled;
  }

  private void killDrivers(int times, String rule) throws Exception {
    int killed = 0;
    for (int time = 0; time < times; time++) {
      try (SweepProcess run = start("local[2]", rule)) {
        run.awaitOutput("stopped: ");
        Thread.sleep(random.nextInt(2_000));
        killed += run.kill() ? 1 : 0;
      }
    }
    assertThat(killed).isPositive();
  }

  /** Runs the sweep to its end, in this process. */
  private void finish(Tabled undisturbed, String... settings) {
    Submission run = Submission.to(results, (Object[]) words(settings));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("verdicts in the table rungs differ");
    assertThat(Tabled.of(results)).isEqualTo(undisturbed);
  }

  private SweepProcess start(String master, String... settings) throws IOException {
    List<String> words = new ArrayList<>(List.of(words(settings)));
    words.addAll(List.of("--results", "" + results, "--checkpoint-interval", "1"));
    return SweepProcess.sweep(folder, Map.of("spark.master", master), words.toArray(String[]::new));
  }

  private String[] words(String... settings) {
    return Stream.concat(
            Stream.of("run", "" + conf), Stream.of(settings).flatMap(s -> Stream.of("--set", s)))
        .toArray(String[]::new);
  }
}
