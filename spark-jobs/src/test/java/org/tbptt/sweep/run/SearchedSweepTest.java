package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/** Sweeps that search. */
class SearchedSweepTest {

  private static final String TPE = "sweep.search={kind=tpe,trials=8,startup=3,parallel=2}";

  @TempDir private Path folder;

  private final List<SweepEvent> events = new ArrayList<>();

  @Test
  void candidatesBecomeRowsWithTheirNumbers() throws Exception {
    ResultsStore store = store("results");
    assertThat(plan(store, TPE).trials()).as("those that depend on no result").hasSize(3);
    assertThat(plan(store, TPE).toDo()).isEqualTo(8);

    run(store, TPE);

    List<Row> rows = candidates(store);
    assertThat(rows).hasSize(8);
    for (int i = 0; i < 8; i++) {
      assertThat(rows.get(i).<Integer>getAs("candidate")).isEqualTo(i);
      assertThat(rows.get(i).<Double>getAs("learning_rate")).isBetween(1e-4, 1e-1);
      assertThat(rows.get(i).<Integer>getAs("state_size")).isBetween(3, 8);
    }
    Plan done = plan(store, TPE);
    assertThat(done.missing()).isEmpty();
    assertThat(done.trials().stream().map(PlannedTrial::id))
        .containsExactlyElementsOf(
            rows.stream().map(row -> row.<String>getAs("trial_id")).toList());
    assertThat(run(store, TPE)).as("again").isEmpty();
  }

  @Test
  void aSweepThatIsStoppedOverAndOverHasTheSameCandidates() throws Exception {
    ResultsStore whole = store("whole");
    run(whole, TPE);

    ResultsStore store = store("stopped");
    int interrupts = 0;
    for (int run = 0; run < 3; run++) {
      Plan plan = plan(store, TPE);
      AtomicInteger epochs = new AtomicInteger();
      // Trials this small may all have ended before the first is written.
      Consumer<SweepEvent> impatient =
          event -> {
            if (event instanceof SweepEvent.EpochFinished && epochs.incrementAndGet() == 3) {
              Thread.currentThread().interrupt(); // once: a second time would be at the lock
            }
          };
      try {
        runner(store).run(plan, impatient);
      } catch (InterruptedException expected) {
        interrupts++;
      }
      Thread.interrupted(); // a sweep that ended all the same
    }
    run(store, TPE);
    assertThat(interrupts).isPositive(); // few epochs may be left for the last run
    assertThat(candidates(store)).isEqualTo(candidates(whole));
    assertThat(epochs(store)).isEqualTo(epochs(whole));
  }

  @Test
  void moreTrialsKeepThoseThatThereWere() throws Exception {
    ResultsStore grown = store("grown");
    run(grown, TPE, "sweep.search.trials=4");
    List<Row> four = candidates(grown);
    assertThat(four).hasSize(4);
    assertThat(run(grown, TPE)).isEqualTo(Map.of(TrialStatus.COMPLETED, 4));

    ResultsStore whole = store("whole");
    run(whole, TPE);
    assertThat(candidates(grown)).isEqualTo(candidates(whole)).startsWith(four.toArray(Row[]::new));
  }

  @Test
  void aSearchEndsWithALineWhenThereIsNothingElse() throws Exception {
    ResultsStore store = store("results");
    String[] settings = {
      "sweep.search={kind=random,trials=20}",
      "sweep.grid.learning-rate=[0.01,0.001]",
      "sweep.grid.\"model.state-size\"=4",
      "sweep.grid.truncation=[{bptt-steps=5,seq-len=10},{bptt-steps=10,seq-len=10}]"
    };
    assertThat(run(store, settings))
        .as("tf and true are the same with bptt-steps = seq-len")
        .isEqualTo(Map.of(TrialStatus.COMPLETED, 6));
    assertThat(events)
        .contains(
            new SweepEvent.EndedEarly(
                "the search ends after 6 candidates: no further candidate is a different"
                    + " computation"));
    assertThat(plan(store, settings).toDo()).isZero();
  }

  @Test
  void aBudgetOfEpochsStartsNoFurtherCandidateAndALargerOneGoesOn() throws Exception {
    ResultsStore whole = store("whole");
    run(whole, TPE);

    ResultsStore store = store("budget");
    // Candidates 0, 1 and 2 have two epochs each; before candidate 3 there are six.
    assertThat(run(store, TPE, "sweep.budget.epochs=5"))
        .isEqualTo(Map.of(TrialStatus.COMPLETED, 3));
    assertThat(events)
        .contains(
            new SweepEvent.EndedEarly(
                "the budget of 5 epochs is spent; raise sweep.budget.epochs to continue"));
    assertThat(run(store, TPE, "sweep.budget.epochs=6")).as("it is spent").isEmpty();
    run(store, TPE, "sweep.budget.epochs=100");
    assertThat(candidates(store)).isEqualTo(candidates(whole));
  }

  @Test
  void aGridKeepsToABudgetToo() throws Exception {
    ResultsStore store = store("results");
    String[] grid = {
      "sweep.grid.learning-rate=[0.1,0.01,0.001]", "sweep.grid.\"model.state-size\"=4"
    };
    assertThat(run(store, grid[0], grid[1], "sweep.budget.epochs=7"))
        .isEqualTo(Map.of(TrialStatus.COMPLETED, 4));
    assertThat(run(store, grid)).isEqualTo(Map.of(TrialStatus.COMPLETED, 2));
    assertThat(candidates(store)).extracting(row -> row.get(0)).containsOnlyNulls();
  }

  @Test
  void pointsThatAGridHasTrainedAreNotTrainedAgain() throws Exception {
    ResultsStore store = store("results");
    String[] axes = {"sweep.grid.learning-rate=[0.1,0.01]", "sweep.grid.\"model.state-size\"=4"};
    run(store, axes);
    assertThat(run(store, axes[0], axes[1], "sweep.search={kind=sobol,trials=4}")).isEmpty();
    assertThat(run(store, axes[0], "sweep.search={kind=sobol,trials=4}")).isNotEmpty();
  }

  @Test
  void stoppedCandidatesCountAndTheSameOnesAreStopped() throws Exception {
    String[] halving = {
      TPE, "sweep.stopping={kind=successive-halving,factor=2}", "sweep.training.epochs=4"
    };
    ResultsStore whole = store("whole");
    Map<TrialStatus, Integer> endings = run(whole, halving);
    assertThat(endings).containsKeys(TrialStatus.STOPPED, TrialStatus.COMPLETED);

    ResultsStore store = store("grown");
    run(store, halving[0], halving[1], halving[2], "sweep.search.trials=5");
    run(store, halving);
    assertThat(candidates(store)).isEqualTo(candidates(whole));
    assertThat(store.rungs("test")).isEqualTo(whole.rungs("test")).isNotEmpty();
  }

  @Test
  @Timeout(120)
  void aCandidateThatFailedIsRetriedAndThoseAfterItAreTheSameAsWithoutTheFailure()
      throws Exception {
    String[] halving = {
      TPE, "sweep.stopping={kind=successive-halving,factor=2}", "sweep.training.epochs=4"
    };
    ResultsStore store = store("results");
    run(store, halving);
    List<Row> candidates = candidates(store);
    List<Row> epochs = epochs(store);
    for (int failed : List.of(0, 1)) {
      FailedTrials.fail(store, events, candidates.get(failed).getAs("trial_id"), 0);

      runner(store).run(plan(store, true, halving), events::add);

      assertThat(candidates(store)).isEqualTo(candidates);
      assertThat(epochs(store)).isEqualTo(epochs);
      assertThat(plannedTrials(store)).isEqualTo(8);
    }
  }

  @Test
  void aFailedCandidateThatIsStillToBeRetriedDoesNotHideThoseAfterIt() throws Exception {
    ResultsStore store = store("results");
    run(store, TPE);
    FailedTrials.fail(store, events, candidates(store).get(1).getAs("trial_id"), 0);

    Plan retry = plan(store, true, TPE, "sweep.budget.hours=1e-9");
    assertThat(runner(store).run(retry, events::add)).isEmpty();

    assertThat(plannedTrials(store)).isEqualTo(8);
  }

  private static int plannedTrials(ResultsStore store) {
    return store.table(Tables.SWEEPS).select("planned_trials").head().getInt(0);
  }

  private Map<TrialStatus, Integer> run(ResultsStore store, String... settings) throws Exception {
    events.clear();
    return runner(store).run(plan(store, settings), events::add);
  }

  private static SweepRunner runner(ResultsStore store) {
    return new SweepRunner(
        JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), store, "test");
  }

  private Plan plan(ResultsStore store, String... settings) throws IOException {
    return plan(store, false, settings);
  }

  private Plan plan(ResultsStore store, boolean retryFailed, String... settings)
      throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 5, seq-len = 10}
                learning-rate = {min = 1e-4, max = 1e-1, scale = log}
                "model.state-size" = {min = 3, max = 8}
              }
              model { embed-size = 3 }
              training { epochs = 2, batch-size = 20 }
            }
            """);
    SweepConfig config = SweepConfig.load(conf, List.of(settings));
    Corpus corpus = config.loadCorpus();
    return Plan.of(config, Grid.expand(config), corpus, store, retryFailed);
  }

  private static List<Row> candidates(ResultsStore store) {
    return store
        .table(Tables.TRIALS)
        .select(
            "candidate",
            "trial_id",
            "learning_rate",
            "state_size",
            "style",
            "status",
            "best_valid_loss",
            "epochs_run")
        .orderBy("candidate", "trial_id")
        .collectAsList();
  }

  private static List<Row> epochs(ResultsStore store) {
    return store
        .table(Tables.EPOCHS)
        .select("trial_id", "epoch", "train_loss", "valid_loss")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }

  private ResultsStore store(String name) {
    return new ResultsStore(LocalSpark.session(), folder.resolve(name).toString());
  }
}
