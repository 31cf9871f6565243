package org.tbptt.sweep.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.live.LiveTrial.State;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

class LiveSweepTest {

  private final AtomicLong now = new AtomicLong();
  private final LiveSweep sweep = new LiveSweep(now::get);
  private final PlannedTrial trial = LiveEvents.trial(5, 1);

  @Test
  void onlyWhatHasChangedIsTaken() {
    PlannedTrial other = LiveEvents.trial(10, 1);
    sweep.accept(LiveEvents.started(trial, 1));
    sweep.accept(LiveEvents.started(other, 1));
    assertThat(sweep.take().trials()).extracting(LiveTrial::trial).containsExactly(trial, other);
    assertThat(sweep.take().trials()).isEmpty();

    sweep.accept(LiveEvents.epoch(other, 1, 5.5));
    sweep.accept(LiveEvents.epoch(other, 2, 5.25));

    assertThat(sweep.take().trials())
        .singleElement()
        .satisfies(
            changed -> {
              assertThat(changed.trial()).isEqualTo(other);
              assertThat(changed.epochs()).extracting("validLoss").containsExactly(5.5, 5.25);
            });
  }

  @Test
  void anEpochThatIsToldOfTwiceIsOne() {
    sweep.accept(LiveEvents.started(trial, 1));
    sweep.accept(LiveEvents.epoch(trial, 1, 5.5));
    sweep.accept(LiveEvents.started(trial, 2));
    sweep.accept(LiveEvents.epoch(trial, 1, 5.5));

    LiveTrial now = sweep.take().trials().get(0);
    assertThat(now.epochs()).hasSize(1);
    assertThat(now.attempt()).isEqualTo(2);
  }

  @Test
  void aTrialIsExpectedToGoOnAsFastAsInThisAttempt() {
    sweep.accept(LiveEvents.started(trial, 1)); // from the start, of 20 epochs
    now.set(10_000_000_000L);
    sweep.accept(LiveEvents.progressed(trial, 5, 0)); // 4 of 20 epochs in 10 s

    assertThat(sweep.take().trials().get(0).secondsLeft()).isCloseTo(40, within(1e-9));
  }

  @Test
  void whatEarlierRunsHaveTrainedTookThisOneNoTime(@TempDir Path folder) throws IOException {
    SweepConfig config = SweepConfig.load(Path.of("../conf/toy.conf"), List.of());
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    Plan plan = Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
    assertThat(plan.toDo()).isEqualTo(6);
    sweep.accept(new SweepEvent.SweepStarted(plan, 2));
    sweep.accept(LiveEvents.resumed(trial, 11)); // 10 of 20 epochs
    assertThat(sweep.take().secondsLeft()).isNaN();

    now.set(10_000_000_000L);
    sweep.accept(
        LiveEvents.progressed(trial, 16, 0)); // a quarter of a trial in 10 s; 5.25 are left

    assertThat(sweep.take().secondsLeft()).isCloseTo(210, within(1e-9));
    sweep.accept(LiveEvents.resumed(trial, 11)); // again: what it has lost is lost time
    assertThat(sweep.take().secondsLeft()).isNaN();
  }

  @Test
  void aTrialThatHasLostItsExecutorWaitsUntilItIsStartedAgain() {
    sweep.accept(LiveEvents.started(trial, 1));
    sweep.accept(new SweepEvent.ExecutorLost(trial, "killed", false));
    assertThat(sweep.take().trials().get(0).state()).isEqualTo(State.RETRIED);

    sweep.accept(LiveEvents.started(trial, 2));
    assertThat(sweep.take().trials().get(0).state()).isEqualTo(State.RUNNING);
  }

  @Test
  void aTrialThatWaitsForItsVerdictIsPausedUntilItResumes() {
    sweep.accept(LiveEvents.started(trial, 1));
    sweep.accept(new SweepEvent.TrialPaused(trial, 3, true));
    assertThat(sweep.take().trials().get(0).state()).isEqualTo(State.PAUSED);

    sweep.accept(LiveEvents.started(trial, 1));
    assertThat(sweep.take().trials().get(0).state()).isEqualTo(State.RUNNING);
  }

  @Test
  void theEndOfATrialIsItsResult() {
    TrialResult failed =
        TestTrials.result("s", TestTrials.PTB, trial.spec(), TrialStatus.FAILED, 5.5, 5.25);
    sweep.accept(
        new SweepEvent.TrialFinished(trial, failed, 1)); // of an attempt that was not heard

    LiveSweep.Changes changes = sweep.take();
    assertThat(changes.trials().get(0).result()).contains(failed);
    assertThat(changes.trials().get(0).state()).isEqualTo(State.ENDED);
    assertThat(changes.finished()).isEqualTo(1);
    assertThat(changes.problems())
        .extracting(LiveSweep.Problem::text)
        .isEqualTo(List.of(trial.label() + ": FAILED, because of a reason"));
  }

  @Test
  void aSearchCountsCandidatesThatAreNotKnownYet(@TempDir Path folder) throws IOException {
    SweepConfig config = SweepConfig.load(Path.of("../conf/search.conf"), List.of());
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    Plan plan = Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
    assertThat(plan.missing()).as("known without results").hasSizeLessThan(30);

    sweep.accept(new SweepEvent.SweepStarted(plan, 2));

    assertThat(sweep.take().missing()).isEqualTo(30);
  }

  @Test
  void onlyTheNewestProblemsAreKept() {
    for (int i = 0; i < 500; i++) {
      sweep.problem("problem " + i);
    }
    assertThat(sweep.take().problems())
        .hasSize(200)
        .first()
        .extracting(LiveSweep.Problem::text)
        .isEqualTo("problem 499");
  }
}
