package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.TestTrials;

class LostTrialsTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);

  private final List<SweepEvent> events = new ArrayList<>();
  private final Map<String, String> givenUp = new HashMap<>();
  private final LostTrials lost =
      new LostTrials(events::add, (trial, reason) -> givenUp.put(trial.trial().id(), reason));
  private long now;

  @Test
  void threeLossesAloneAtOnePlaceAreEnough() {
    RunningTrial trial = trial("a");
    lose("executor 1", "", trial);
    lose("executor 2", "", trial);
    assertThat(lost.next(5, true)).contains(trial);
    lose("executor 3", "", trial);

    assertThat(givenUp)
        .isEqualTo(
            Map.of("a", "lost its executor 3 times at the same place; the last time: executor 3"));
    assertThat(events)
        .containsExactly(
            new SweepEvent.ExecutorLost(trial.trial(), "executor 1", false),
            new SweepEvent.ExecutorLost(trial.trial(), "executor 2", false));
  }

  @Test
  void whoeverComesFurtherMayBeLostForEver() {
    RunningTrial trial = trial("a");
    for (int i = 1; i <= 20; i++) {
      lose("executor " + i, "e" + (i + 1) / 2, trial);
      assertThat(lost.next(5, true)).contains(trial);
    }
    assertThat(givenUp).isEmpty();
  }

  @Test
  void lossesInCompanyDoNotCount() {
    RunningTrial first = trial("a");
    RunningTrial second = trial("b");
    for (int i = 1; i <= 20; i++) {
      lose("executor " + i, "", first, second);
    }
    assertThat(givenUp).isEmpty();
  }

  @Test
  void executorsThatAreLostAtTheSameTimeAreNoCompany() {
    RunningTrial first = trial("a");
    RunningTrial second = trial("b");
    for (int i = 1; i <= 3; i++) {
      lost.lost(first, "executor " + i, "", "reason", now);
      lost.lost(second, "executor " + -i, "", "reason", now);
      judge();
    }
    assertThat(givenUp).containsOnlyKeys("a", "b");
  }

  @Test
  void suspectsGoOnOneAfterTheOtherWhenNothingElseWaits() {
    RunningTrial first = trial("a");
    RunningTrial second = trial("b");
    lose("executor 1", "", first, second);
    assertThat(lost.next(5, true)).contains(first);
    assertThat(lost.next(5, true)).contains(second);
    lose("executor 2", "", first, second);
    assertThat(events).endsWith(new SweepEvent.ExecutorLost(second.trial(), "executor 2", true));

    assertThat(lost.next(5, true)).isEmpty();
    assertThat(lost.next(5, false)).contains(first);
    assertThat(lost.next(6, false)).isEmpty();
    lost.watch(trial -> "");
    assertThat(lost.next(6, false)).isEmpty();
    lost.watch(trial -> "e1");
    assertThat(lost.next(6, false)).contains(second);
  }

  @Test
  void oneThatIsLostInCompanyEvenThenHasToBeAlone() {
    RunningTrial suspect = trial("a");
    RunningTrial other = trial("b");
    for (int i = 1; i <= 2; i++) {
      RunningTrial company = trial("company " + i);
      lose("executor " + i, "", suspect, company);
      assertThat(lost.next(5, false)).contains(suspect);
      assertThat(lost.next(5, false)).contains(company);
    }
    lose("executor 3", "", suspect, other);

    assertThat(lost.next(5, false)).contains(other);
    assertThat(lost.next(1, false)).isEmpty();
    assertThat(lost.next(0, false)).contains(suspect);
    lose("executor 4", "", other);
    assertThat(lost.next(1, false)).isEmpty();
    lost.ended(suspect);
    assertThat(lost.next(0, false)).contains(other);
  }

  @Test
  void aTaskThatFailsInAnExecutorThatLivesIsTriedAgainLaterAndLater() {
    RunningTrial trial = trial("a");
    for (int seconds : List.of(2, 4, 8, 16, 30)) {
      lost.failed(trial, "", "no permission", now);
      assertThat(events)
          .endsWith(new SweepEvent.TaskFailed(trial.trial(), "no permission", seconds));
      assertThat(lost.size()).as("places that others may take").isZero();
      for (int second = 1; second <= seconds; second++) {
        assertThat(lost.next(5, true)).isEmpty();
        judge();
      }
      assertThat(lost.next(5, true)).contains(trial);
    }
    lost.failed(trial, "", "no permission", now);

    assertThat(givenUp)
        .isEqualTo(
            Map.of("a", "its task failed 6 times at the same place; the last time: no permission"));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2", "1, 2, 1", "1, 4, 3", "3, 4, 2", "4, 2, 5", "2, 8, 12"})
  void theDeadlyFailAfterFewLossesAndNobodyElseDoes(int executors, int cores, int deadly) {
    for (int seed = 0; seed < 50; seed++) {
      givenUp.clear();
      for (Simulated trial : new Cluster(new Random(seed), executors, cores).run(20, deadly)) {
        assertThat(givenUp.containsKey(trial.known.trial().id())).isEqualTo(trial.deadlyAt > 0);
        if (trial.deadlyAt > 0) {
          assertThat(trial.killed).isLessThanOrEqualTo(6);
        }
      }
    }
  }

  /** A trial that takes some steps, and may kill its executor in one of them. */
  private static final class Simulated {

    private final RunningTrial known;
    private final int steps;
    private final int deadlyAt;
    private int checkpoint;
    private int step;
    private int killed;

    Simulated(RunningTrial known, int steps, int deadlyAt) {
      this.known = known;
      this.steps = steps;
      this.deadlyAt = deadlyAt;
    }

    String position() {
      return checkpoint == 0 ? "" : "step " + checkpoint;
    }
  }

  /** Executors of some cores each; all trials that are in one take a step at a time. */
  private final class Cluster {

    private final Random random;
    private final int cores;
    private final List<List<Simulated>> executors = new ArrayList<>();
    private final Map<RunningTrial, Simulated> trials = new LinkedHashMap<>();
    private final Deque<Simulated> waiting = new ArrayDeque<>();
    private final Deque<Simulated> submitted = new ArrayDeque<>();
    private int lostExecutors;

    Cluster(Random random, int executors, int cores) {
      this.random = random;
      this.cores = cores;
      for (int i = 0; i < executors; i++) {
        this.executors.add(new ArrayList<>());
      }
    }

    Iterable<Simulated> run(int number, int deadly) {
      for (int i = 0; i < number; i++) {
        int steps = 1 + random.nextInt(40);
        int deadlyAt = i < deadly ? 1 + random.nextInt(steps) : 0;
        Simulated trial = new Simulated(trial("trial " + i), steps, deadlyAt);
        trials.put(trial.known, trial);
      }
      List<Simulated> shuffled = new ArrayList<>(trials.values());
      Collections.shuffle(shuffled, random);
      waiting.addAll(shuffled);
      for (int ticks = 0; !waiting.isEmpty() || underWay() + lost.size() > 0; ticks++) {
        assertThat(ticks).isLessThan(10_000);
        judge();
        lost.watch(trial -> trials.get(trial).position());
        submit();
        new ArrayList<>(executors).forEach(this::step);
      }
      return trials.values();
    }

    private int underWay() {
      return submitted.size() + executors.stream().mapToInt(List::size).sum();
    }

    private void submit() {
      for (Optional<RunningTrial> next = next(); next.isPresent(); next = next()) {
        submitted.add(trials.get(next.get()));
      }
      while (!waiting.isEmpty() && underWay() < executors.size() * cores + 2) {
        submitted.add(waiting.poll());
      }
      Collections.shuffle(executors, random);
      for (List<Simulated> executor : executors) {
        while (executor.size() < cores && !submitted.isEmpty()) {
          Simulated begun = submitted.poll();
          begun.step = begun.checkpoint;
          executor.add(begun);
        }
      }
    }

    private Optional<RunningTrial> next() {
      return lost.next(underWay(), !waiting.isEmpty());
    }

    private void step(List<Simulated> executor) {
      for (Simulated trial : List.copyOf(executor)) {
        trial.step++;
        if (trial.step == trial.deadlyAt) {
          trial.killed++;
          lostExecutors++;
          executor.forEach(
              each -> lost.lost(each.known, "executor " + lostExecutors, each.position(), "", now));
          executor.clear();
          return;
        }
        if (trial.step == trial.steps) {
          executor.remove(trial);
          lost.ended(trial.known);
        } else if (trial.step % 5 == 0) {
          trial.checkpoint = trial.step;
        }
      }
    }
  }

  private void lose(String executor, String position, RunningTrial... trials) {
    for (RunningTrial trial : trials) {
      lost.lost(trial, executor, position, executor, now);
    }
    judge();
  }

  private void judge() {
    now += TimeUnit.SECONDS.toNanos(1);
    lost.judge(now);
  }

  private static RunningTrial trial(String id) {
    return new RunningTrial(new PlannedTrial(id, SPEC, id));
  }
}
