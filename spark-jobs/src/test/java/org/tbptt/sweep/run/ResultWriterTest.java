package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.stopping.Stopping;

class ResultWriterTest {

  private static final int TRIALS = 7;
  private static final long FILE = TimeUnit.MILLISECONDS.toNanos(40);

  @TempDir private Path folder;
  private long now;

  @Test
  void runningTrialsTakeTurnsWhereTheyAreTooManyToBeWrittenAtOnce() throws Exception {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder.toString());
    ResultsStore slow = store.fencedBy(() -> now += FILE, "");
    List<TrialResult> trials = new ArrayList<>();
    List<PlannedTrial> planned = new ArrayList<>();
    for (int seed = 1; seed <= TRIALS; seed++) {
      TrialResult trial =
          TestTrials.result(
              "a",
              TestTrials.PTB,
              TestTrials.spec(new TrueStyle(5, 20), 0.01, seed),
              TrialStatus.COMPLETED,
              5.0,
              4.0);
      trials.add(trial);
      planned.add(new PlannedTrial(trial.trialId(), trial.spec(), "seed " + seed));
    }
    TrialQueue queue =
        new TrialQueue(new GridSource(planned), Map.of(), event -> {}, (trial, reason) -> {});
    while (queue.next(TRIALS).isPresent()) {}

    try (SweepLock lock = SweepLock.take(store.lockFile("a"), "a", new Configuration())) {
      ResultWriter writer =
          new ResultWriter(
              "a",
              slow,
              Set.of(),
              lock,
              new ModelKeeper(KeepModels.NONE, store.models(), "a"),
              queue,
              new Rungs(Stopping.OFF.rule(), planned),
              event -> {},
              () -> now);
      for (TrialResult trial : trials) {
        tell(queue, trial, 0);
      }
      tick(writer);
      assertThat(written(store)).as("after three files it is 120 ms").isEqualTo(3);
      tell(queue, trials.get(0), 1);
      tick(writer);
      assertThat(written(store)).as("the others go first").isEqualTo(6);
      tick(writer);
      assertThat(written(store)).isEqualTo(TRIALS);
      assertThat(store.validLosses("a").get(trials.get(0).trialId())).containsExactly(5, 4);
      long before = now;
      tick(writer);
      assertThat(now - before).as("nothing is written").isEqualTo(TimeUnit.SECONDS.toNanos(2));
    }
  }

  private void tick(ResultWriter writer) {
    now += TimeUnit.SECONDS.toNanos(2);
    writer.write();
  }

  private static int written(ResultsStore store) {
    return store.validLosses("a").size();
  }

  private static void tell(TrialQueue queue, TrialResult trial, int epoch) {
    EpochMetrics metrics = trial.outcome().epochs().get(epoch);
    RunningTrial running = queue.find(trial.trialId()).orElseThrow();
    running.heard(new SweepEvent.EpochFinished(running.trial(), metrics));
  }
}
