package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Table;
import org.tbptt.sweep.results.Tables;

/**
 * A search whose candidates depend on each other's results and that stops some: whatever happens to
 * its processes, and on any number of slots, it has the same candidates with the same bits.
 */
@Tag("soak")
class SearchedSweepIT {

  /** Killed at moments that another run repeats. */
  private final Random random = new Random(12);

  @TempDir private Path folder;
  private Path conf;
  private Path results;

  @BeforeEach
  void conf() throws IOException {
    results = folder.resolve("results");
    conf =
        Files.writeString(
            folder.resolve("searched.conf"),
            """
            sweep {
              name = searched
              corpus { kind = toy, train-length = 20000, valid-length = 2000, test-length = 1000 }
              grid {
                truncation = [{bptt-steps = 9, seq-len = 10}, {bptt-steps = 4, seq-len = 10}]
                learning-rate = {min = 1e-4, max = 1e-1, scale = log}
                "model.state-size" = {min = 4, max = 24, scale = log}
              }
              search { kind = tpe, trials = 20, startup = 5, parallel = 4 }
              stopping { kind = successive-halving, factor = 2 }
              model { embed-size = 8, keep-prob = 0.9 }
              training { epochs = 6, batch-size = 20 }
              keep-models = none
            }
            """);
  }

  @Test
  void oneSlotAndFour() throws Exception {
    List<List<Row>> undisturbed = undisturbed();
    for (String master : List.of("local[1]", "local[4]", "local-cluster[2,1,512]")) {
      results = folder.resolve(master);
      try (SweepProcess run = start(master)) {
        assertThat(run.exit()).as(run.output()).isZero();
      }
      assertThat(tables(results)).as(master).isEqualTo(undisturbed);
    }
  }

  @Test
  void driversThatAreKilledAtTenRandomMomentsAndMoreTrialsHalfWay() throws Exception {
    List<List<Row>> undisturbed = undisturbed();
    int killed = 0;
    for (int time = 0; time < 10; time++) {
      String trials = "sweep.search.trials=" + (time < 5 ? 10 : 20);
      try (SweepProcess run = start("local[3]", "--set", trials)) {
        run.awaitOutput("searched: ");
        Thread.sleep(random.nextInt(1_500));
        killed += run.kill() ? 1 : 0;
      }
    }
    assertThat(killed).isGreaterThan(1);
    finish(undisturbed);
  }

  @Test
  void executorsThatAreKilledEveryFewSeconds() throws Exception {
    List<List<Row>> undisturbed = undisturbed();
    int killed = 0;
    try (SweepProcess run = start("local-cluster[2,1,512]")) {
      run.awaitOutput("searched: training");
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
    assertThat(tables(results)).isEqualTo(undisturbed);
  }

  private List<List<Row>> undisturbed() {
    Path alone = folder.resolve("undisturbed");
    Submission run = Submission.to(alone, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    List<List<Row>> tables = tables(alone);
    assertThat(tables.get(0)).hasSize(20);
    assertThat(tables.get(0))
        .extracting(row -> row.<String>getAs("status"))
        .contains("STOPPED", "COMPLETED");
    return tables;
  }

  /** Runs the sweep to its end, in this process. */
  private void finish(List<List<Row>> undisturbed) {
    Submission run = Submission.to(results, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(tables(results)).isEqualTo(undisturbed);
  }

  private SweepProcess start(String master, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", "" + conf, "--results", "" + results));
    arguments.addAll(List.of(more));
    return SweepProcess.sweep(
        folder, Map.of("spark.master", master), arguments.toArray(String[]::new));
  }

  /** What the tables have that does not depend on when and where it was computed. */
  private static List<List<Row>> tables(Path results) {
    return List.of(
        rows(
            results,
            Tables.TRIALS,
            "candidate",
            "trial_id",
            "learning_rate",
            "state_size",
            "status",
            "reason",
            "best_valid_loss",
            "best_epoch",
            "epochs_run"),
        rows(results, Tables.EPOCHS, "trial_id", "epoch", "train_loss", "valid_loss", "grad_norm"),
        rows(results, Tables.RUNGS, "candidate", "rung", "trial_id", "loss", "rank", "stopped"));
  }

  private static List<Row> rows(Path results, Table<?> table, String first, String... others) {
    return new ResultsStore(LocalSpark.session(), results.toString())
        .table(table)
        .select(first, others)
        .orderBy(first, others[0])
        .collectAsList();
  }
}
