package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.results.TrialRung;
import org.tbptt.sweep.stopping.Decision;

/** Sweeps with a rule that stops trials. */
class StoppedTrialsTest {

  private static final int EPOCHS = 5;
  private static final String HALVING = "sweep.stopping={kind=successive-halving,factor=2}";
  private static final String MEDIAN = "sweep.stopping={kind=median,min-epochs=2}";
  private static final String PATIENCE =
      "sweep.stopping={kind=patience,min-epochs=2,patience=1,min-delta=0.05}";
  private static final String NONE = "sweep.stopping.kind=none";

  @TempDir private Path folder;

  private final List<SweepEvent> events = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {HALVING, MEDIAN, PATIENCE})
  void stoppedTrialsAreThoseOfTheRuleAndGoOnAsIfTheyHadNotBeenStopped(String rule)
      throws Exception {
    ResultsStore whole = store("whole");
    run(whole, NONE);
    ResultsStore store = store("stopped");
    Map<TrialStatus, Integer> endings = run(store, rule);

    Plan plan = plan(store, rule);
    List<TrialRung> byRule = byRule(plan, whole);
    assertThat(store.rungs("test")).isEqualTo(byRule);
    Set<String> stopped = store.trialIds("test", Set.of(TrialStatus.STOPPED));
    assertThat(stopped)
        .isNotEmpty()
        .hasSize(endings.get(TrialStatus.STOPPED))
        .containsExactlyInAnyOrderElementsOf(
            byRule.stream()
                .filter(row -> row.decision().stopped())
                .map(TrialRung::trialId)
                .toList());
    for (Row row : store.table(Tables.TRIALS).where("status = 'STOPPED'").collectAsList()) {
      Decision stop =
          byRule.stream()
              .filter(rung -> rung.trialId().equals(row.getAs("trial_id")))
              .map(TrialRung::decision)
              .filter(Decision::stopped)
              .findFirst()
              .orElseThrow();
      assertThat(row.<Integer>getAs("epochs_run")).isEqualTo(stop.epoch());
      assertThat(row.<String>getAs("reason")).isEqualTo(stop.reason());
    }
    assertThat(checkpoints("stopped")).isEqualTo(stopped);

    assertThat(run(store, rule)).as("the same again").isEmpty();
    assertThat(plan.missing()).isEmpty();

    Map<TrialStatus, Integer> rest = run(store, NONE);
    assertThat(rest).isEqualTo(Map.of(TrialStatus.COMPLETED, stopped.size()));
    assertThat(losses(store)).isEqualTo(losses(whole));
    assertThat(checkpoints("stopped")).isEmpty();
    assertThat(store.rungs("test")).isEmpty();
  }

  @Test
  void whatAnotherRuleStoppedGoesOnIfThisOneDoesNotStopItThere() throws Exception {
    run(store("other"), HALVING);
    ResultsStore other = store("other");
    String later = "sweep.stopping={kind=successive-halving,factor=2,min-epochs=3}";
    run(other, later);

    ResultsStore store = store("only");
    run(store, later);
    assertThat(other.rungs("test")).isEqualTo(store.rungs("test"));
    assertThat(losses(other)).isEqualTo(losses(store));
    assertThat(statuses(other)).isEqualTo(statuses(store));
  }

  @Test
  void completedTrialsCountAndAreNotTouched() throws Exception {
    ResultsStore store = store("whole");
    run(store, NONE);
    List<Row> before = store.table(Tables.TRIALS).orderBy("trial_id").collectAsList();

    assertThat(run(store, HALVING)).isEmpty();
    assertThat(store.rungs("test")).isEqualTo(byRule(plan(store, HALVING), store)).isNotEmpty();
    assertThat(store.table(Tables.TRIALS).orderBy("trial_id").collectAsList()).isEqualTo(before);

    run(store, HALVING, "sweep.grid.seed=[1,2]");
    ResultsStore both = store("both");
    run(both, HALVING, "sweep.grid.seed=[1,2]");
    assertThat(store.rungs("test")).isEqualTo(both.rungs("test"));
  }

  @Test
  void aRerunSaysThatStoredVerdictsAreNotItsOwn() throws Exception {
    ResultsStore store = store("stopped");
    run(store, HALVING);
    List<TrialRung> verdicts = store.rungs("test");
    TrialRung first = verdicts.get(0);
    Decision d = first.decision();
    Decision other =
        new Decision(
            0, d.rule(), 0, 1, d.loss() + 1, 1, 1, 1, null, !d.stopped(), "as it should not be");
    List<TrialRung> changed = new ArrayList<>(verdicts);
    changed.set(0, new TrialRung(first.trialId(), other));
    store.putRungs("test", changed);

    run(store, HALVING);
    assertThat(events)
        .filteredOn(event -> event instanceof SweepEvent.VerdictsDiffer)
        .containsExactly(
            new SweepEvent.VerdictsDiffer(
                1,
                verdicts.size(),
                first.trialId()
                    + " was stopped (as it should not be), now to go on"
                    + " (rung 0, 1 epoch: 1st of 1, 1 goes on)"));
    assertThat(store.rungs("test")).isEqualTo(verdicts);
  }

  @Test
  void stoppedTrialsHaveModelsAndKeepOneCheckpoint() throws Exception {
    ResultsStore store = store("stopped");
    run(store, HALVING, "sweep.keep-models=all");

    assertThat(store.table(Tables.TRIALS).where("model IS NULL").count()).isZero();
    for (String id : checkpoints("stopped")) {
      try (Stream<Path> files =
          Files.list(folder.resolve("stopped/checkpoints/sweep=test").resolve(id))) {
        assertThat(files.filter(file -> file.toString().endsWith(".safetensors"))).hasSize(1);
      }
    }
  }

  @Test
  void theSourceAndTheDisplayHearOfStopsAndPauses() throws Exception {
    run(store("stopped"), HALVING);

    List<TrialResult> ended =
        events.stream()
            .filter(event -> event instanceof SweepEvent.TrialFinished)
            .map(event -> ((SweepEvent.TrialFinished) event).result())
            .toList();
    assertThat(ended).hasSize(6);
    assertThat(ended)
        .filteredOn(result -> result.outcome().status() == TrialStatus.STOPPED)
        .isNotEmpty()
        .allMatch(result -> result.outcome().reason().startsWith("rung "));
  }

  @Test
  void aTrialThatIsStoppedIsNotTrainedFurtherThoughItsVerdictIsKnownBeforeItStarts()
      throws Exception {
    ResultsStore store = store("stopped");
    String more = "sweep.grid.seed=[1,2,3,4]"; // than there are slots
    run(store, HALVING, more);
    List<Row> statuses = statuses(store);
    List<Row> losses = losses(store);
    List<TrialRung> verdicts = store.rungs("test");
    // Without the first one nothing is decided about those after it, whose losses are known.
    fail(store, plan(store, HALVING, more).trials().get(0).id(), 0);

    retryFailed(store, HALVING, more);

    assertThat(statuses(store)).isEqualTo(statuses);
    assertThat(losses(store)).isEqualTo(losses);
    assertThat(store.rungs("test")).isEqualTo(verdicts);
  }

  @Test
  void aTrialThatFailedIsTriedAgainThoughTheRuleStopsItBeforeWhereItFailed() throws Exception {
    ResultsStore only = store("only");
    run(only, HALVING);
    Set<String> stopped = only.trialIds("test", Set.of(TrialStatus.STOPPED));
    ResultsStore store = store("failed");
    run(store, NONE);
    String failed = stopped.iterator().next();
    fail(store, failed, EPOCHS - 1);

    retryFailed(store, HALVING);

    assertThat(store.endings("test").get(failed)).isEqualTo(only.endings("test").get(failed));
  }

  @Test
  void aTrialThatIsNotStartedKeepsItsRows() throws Exception {
    ResultsStore store = store("stopped");
    run(store, HALVING);
    fail(store, plan(store, HALVING).trials().get(0).id(), 1);
    List<Row> statuses = statuses(store);
    List<Row> losses = losses(store);

    assertThat(retryFailed(store, NONE, "sweep.budget.hours=1e-9")).isEmpty();

    assertThat(statuses(store)).isEqualTo(statuses);
    assertThat(losses(store)).isEqualTo(losses);
  }

  /** Lets a trial of the last run have failed after some epochs. */
  private void fail(ResultsStore store, String id, int epochs) {
    FailedTrials.fail(store, events, id, epochs);
  }

  /** The verdicts by the losses of trials that nothing has stopped. */
  private static List<TrialRung> byRule(Plan plan, ResultsStore whole) {
    Rungs rungs = new Rungs(plan.rule(), plan.trials());
    whole.validLosses("test").forEach(rungs::reached);
    return rungs.rows();
  }

  private Map<TrialStatus, Integer> run(ResultsStore store, String... settings) throws Exception {
    return run(store, plan(store, settings));
  }

  private Map<TrialStatus, Integer> retryFailed(ResultsStore store, String... settings)
      throws Exception {
    return run(store, plan(store, true, settings));
  }

  private Map<TrialStatus, Integer> run(ResultsStore store, Plan plan) throws Exception {
    events.clear();
    return new SweepRunner(
            JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), store, "test")
        .run(plan, events::add);
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
                truncation = {bptt-steps = 5, seq-len = 10}, style = true
                learning-rate = [0.001, 0.003, 0.01, 0.0003, 0.02, 0.0001]
              }
              model { state-size = 5, embed-size = 3 }
              training { epochs = %d, batch-size = 20 }
            }
            """
                .formatted(EPOCHS));
    SweepConfig config = SweepConfig.load(conf, List.of(settings));
    Corpus corpus = config.loadCorpus();
    return Plan.of(config, Grid.expand(config), corpus, store, retryFailed);
  }

  private Set<String> checkpoints(String results) throws IOException {
    try (Stream<Path> trials = Files.list(folder.resolve(results + "/checkpoints/sweep=test"))) {
      return trials.map(trial -> trial.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static List<Row> losses(ResultsStore store) {
    return store
        .table(Tables.EPOCHS)
        .select("trial_id", "epoch", "train_loss", "valid_loss", "update_norm")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }

  private static List<Row> statuses(ResultsStore store) {
    return store
        .table(Tables.TRIALS)
        .select("trial_id", "status", "reason", "best_valid_loss", "epochs_run")
        .orderBy("trial_id")
        .collectAsList();
  }

  private ResultsStore store(String results) {
    return new ResultsStore(LocalSpark.session(), folder.resolve(results).toString());
  }
}
