package org.tbptt.sweep.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;

class NamedTrialTest {

  private static final TrialSpec WORSE = TestTrials.spec(new TrueStyle(5, 20), 0.003, 1);
  private static final TrialSpec BEST = TestTrials.spec(new TensorFlowStyle(5), 0.003, 1);
  private static final TrialSpec DIVERGED = TestTrials.spec(new TensorFlowStyle(7), 0.003, 1);

  @TempDir private static Path folder;
  private static ResultsStore store;
  private static Queries queries;

  @BeforeAll
  static void twoSweepsThatShareATrial() {
    store = new ResultsStore(LocalSpark.session(), folder.toString());
    add("first", WORSE, TrialStatus.COMPLETED, 5.2);
    add("last", WORSE, TrialStatus.COMPLETED, 5.2);
    add("last", BEST, TrialStatus.COMPLETED, 5.3, 5.1);
    add("last", DIVERGED, TrialStatus.DIVERGED, Double.NaN);
    describe("first", TestTrials.NOON);
    describe("last", TestTrials.NOON.plusSeconds(1));
    describe("empty", TestTrials.NOON.minusSeconds(1));
    queries = new Queries(LocalSpark.session(), store);
  }

  @Test
  void bestIsTheLowestLossOfTheSweepThatWasRunLast() {
    assertThat(find("best", "").trialId()).isEqualTo(id(BEST));
    assertThat(find("best", "first").trialId()).isEqualTo(id(WORSE));
    assertThatThrownBy(() -> find("best", "empty"))
        .hasMessage("sweep empty has no trial with a finite loss");
    assertThatThrownBy(() -> find("best", "nobody"))
        .hasMessageStartingWith("sweep nobody is not in the results; there are:");
  }

  @Test
  void anIdOrItsBeginningIsATrial() {
    NamedTrial found = find(id(DIVERGED).substring(0, 9), "");
    assertThat(found.trialId()).isEqualTo(id(DIVERGED));
    assertThat(found.sweep()).isEqualTo("last");
    assertThat(found.kept()).isFalse();
    assertThat(find(id(WORSE), "first").sweep()).isEqualTo("first");
  }

  @Test
  void whatIsNoTrialOrSeveralIsOneLine() {
    assertThatThrownBy(() -> find("zz", ""))
        .isInstanceOf(ResultsException.class)
        .hasMessage("no trial's id begins with 'zz': SELECT trial_id FROM trials lists them");
    assertThatThrownBy(() -> find(id(BEST), "first"))
        .hasMessage(
            "no trial's id begins with '%s' in sweep first: SELECT trial_id FROM trials lists them",
            id(BEST));
    assertThatThrownBy(() -> find(id(WORSE), ""))
        .hasMessage("trial %s is in the sweeps first, last: choose one with --sweep", id(WORSE));
    assertThatThrownBy(() -> find("", "last"))
        .hasMessageMatching(
            "'' is a prefix of 3 trial ids: [0-9a-f]{16}, [0-9a-f]{16}, [0-9a-f]{16}");
  }

  @Test
  void aTrialWithoutAKeptModelSaysHowModelsAreKept() {
    NamedTrial trial = find("best", "");
    assertThatThrownBy(() -> trial.model(store.models()))
        .isInstanceOf(ResultsException.class)
        .hasMessage(
            "trial %s of sweep last has no kept model: while trials train, sweep.keep-models = all"
                + " keeps every model, best only that of each style's best trial",
            id(BEST));
  }

  private static NamedTrial find(String name, String sweep) {
    return NamedTrial.find(queries, name, Optional.of(sweep).filter(s -> !s.isEmpty()));
  }

  private static String id(TrialSpec spec) {
    return TrialIdentity.of(spec, TestTrials.PTB);
  }

  private static void add(String sweep, TrialSpec spec, TrialStatus status, double... losses) {
    store.append(TestTrials.result(sweep, TestTrials.PTB, spec, status, losses));
  }

  private static void describe(String sweep, Instant startedAt) {
    store.describe(
        new SweepRecord(sweep, "{}", TestTrials.PTB, 10, 1, 1, 1, 3, "1", "3.5.9", startedAt));
  }
}
