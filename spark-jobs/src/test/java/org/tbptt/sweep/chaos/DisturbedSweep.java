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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/**
 * Whatever happens to processes and files, the tables end up as those of a sweep to which nothing
 * has happened: the same rows, the same bits. Real processes, real signals.
 */
abstract class DisturbedSweep {

  static final int TRIALS = 4;
  static final int EPOCHS = 12;

  static final Map<String, String> LOCAL = Map.of("spark.master", "local[2]");

  /** No trial before both are there: whichever of them is killed then loses one. */
  static final Map<String, String> TWO_EXECUTORS =
      Map.of(
          "spark.master", "local-cluster[2,1,512]",
          "spark.cores.max", "2",
          "spark.scheduler.minRegisteredResourcesRatio", "1.0",
          "spark.scheduler.maxRegisteredResourcesWaitingTime", "10min");

  /** Killed at moments that another run repeats. */
  final Random random = new Random(7);

  @TempDir static Path shared;
  static Path conf;
  static List<Row> undisturbed;

  @TempDir Path folder;
  Path results;

  @BeforeAll
  static void runUndisturbed() throws Exception {
    conf =
        Files.writeString(
            shared.resolve("chaos.conf"),
            """
            sweep {
              name = chaos
              corpus { kind = toy, train-length = 100000, valid-length = 2000, test-length = 1000 }
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
    if (undisturbed != null) {
      return; // by another class in this process
    }
    Path results = shared.resolve("undisturbed");
    Submission run = Submission.to(results, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    undisturbed = epochs(results);
    assertThat(undisturbed).hasSize(TRIALS * EPOCHS);
  }

  @BeforeEach
  void elsewhere() {
    results = folder.resolve("results");
  }

  /** Runs the sweep to its end, in this process; what it printed of its progress. */
  String finish(String... options) {
    List<Object> words = new ArrayList<>(List.of("run", conf));
    words.addAll(List.of(options));
    Submission run = Submission.to(results, words.toArray());
    assertThat(run.exit()).as(run.err()).isZero();
    assertUndisturbed();
    return run.err();
  }

  /** Runs the sweep to its end, in a process of its own; what it printed. */
  String finish(Map<String, String> spark) throws Exception {
    try (SweepProcess run = start(spark)) {
      assertThat(run.exit()).as(run.output()).isZero();
      assertUndisturbed();
      return run.output();
    }
  }

  void assertUndisturbed() {
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    List<Row> trials =
        store.table(Tables.TRIALS).select("trial_id", "status", "epochs_run").collectAsList();
    assertThat(trials).hasSize(TRIALS).allMatch(row -> row.getString(1).equals("COMPLETED"));
    assertThat(trials).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
    assertThat(trials).allMatch(row -> row.getInt(2) == EPOCHS);
    assertThat(epochs(results)).isEqualTo(undisturbed);
    assertThat(results.resolve("checkpoints/sweep=chaos")).isEmptyDirectory();
  }

  /** Every number of every epoch that does not depend on the machine's speed. */
  static List<Row> epochs(Object results) {
    return new ResultsStore(LocalSpark.session(), results.toString())
        .table(Tables.EPOCHS)
        .select(
            "trial_id", "epoch", "train_loss", "valid_loss", "grad_norm", "update_norm", "tokens")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }

  SweepProcess start(Map<String, String> spark, String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", "" + conf, "--results", "" + results));
    words.addAll(List.of("--checkpoint-interval", "1"));
    words.addAll(List.of(options));
    return SweepProcess.sweep(folder, spark, words.toArray(String[]::new));
  }
}
