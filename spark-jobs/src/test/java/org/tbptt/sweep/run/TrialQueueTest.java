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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.TrialEnding;

class TrialQueueTest {

  private static final TrialSpec SPEC = TestTrials.spec(new TrueStyle(5, 20), 0.01, 1);

  private final List<SweepEvent> events = new ArrayList<>();
  private final Map<String, String> givenUp = new HashMap<>();
  private final Deque<PlannedTrial> proposed = new ArrayDeque<>();
  private final Map<String, KeptProgress> begun = new HashMap<>();
  private boolean finished = true;
  private boolean late;
  private TrialQueue queue = queue();
  private long now;

  /** Proposes what a test puts there. */
  private final class Proposals implements TrialSource {

    @Override
    public boolean hasNext() {
      return !proposed.isEmpty();
    }

    @Override
    public PlannedTrial next() {
      return proposed.remove();
    }

    @Override
    public boolean isFinished() {
      return finished && proposed.isEmpty();
    }

    @Override
    public boolean isLate() {
      return late;
    }

    @Override
    public void ended(TrialEnding ending) {}
  }

  @Test
  void trialsGoInTheirOrderUntilEnoughAreUnderWay() {
    propose("a", "b", "c");
    assertThat(starts(2)).containsExactly("a", "b");
    assertThat(starts(2)).isEmpty();
    end("b");
    assertThat(starts(2)).containsExactly("c");
  }

  @Test
  void itIsDoneWhenAllHaveEndedAndNoneIsProposedAnyMore() {
    finished = false;
    propose("a");
    assertThat(starts(5)).containsExactly("a");
    end("a");
    assertThat(queue.isDone()).isFalse();
    assertThat(starts(5)).isEmpty();
    propose("b");
    assertThat(starts(5)).containsExactly("b");
    finished = true;
    assertThat(queue.isDone()).isFalse();
    end("b");
    assertThat(queue.isDone()).isTrue();
  }

  @Test
  void aTrialAtARungLeavesItsSlotAndTheOneThatHasComeFurthestGoesOnFirst() {
    propose("a", "b", "c", "d");
    assertThat(starts(3)).containsExactly("a", "b", "c");
    reachRung("a", 1);
    reachRung("b", 3);
    reachRung("c", 3);
    assertThat(queue.atRung()).extracting(t -> t.trial().id()).containsExactly("a", "b", "c");
    assertThat(starts(1)).containsExactly("d");
    queue.atRung().forEach(trial -> trial.retry().leaveRung());

    assertThat(starts(1)).as("there is no slot").isEmpty();
    assertThat(starts(3)).containsExactly("b", "c");
    end("d");
    assertThat(starts(3)).containsExactly("a");
    assertThat(queue.isDone()).isFalse();
  }

  @Test
  void oneThatIsDeferredIsStartedAlthoughAllOthersWaitAtARung() {
    begun.put("a", new KeptProgress("", 3));
    propose("a", "b");
    assertThat(starts(1)).containsExactly("b");
    reachRung("b", 1);
    assertThat(starts(1)).containsExactly("a");
  }

  @Test
  void aLateRunResumesNoTrialAfterARungAndEndsWithoutThem() {
    propose("a", "b", "c");
    assertThat(starts(3)).containsExactly("a", "b", "c");
    reachRung("a", 1);
    reachRung("b", 1);
    find("a").retry().leaveRung();
    late = true;
    assertThat(starts(3)).isEmpty();
    assertThat(queue.isDone()).as("c runs").isFalse();
    end("c");
    assertThat(queue.isDone()).isTrue();
    assertThat(queue.trials()).extracting(t -> t.trial().id()).containsExactly("a", "b");
  }

  @Test
  void aLateRunStartsNoDeferredTrialAndEndsWithoutThem() {
    begun.put("a", new KeptProgress("", 3));
    propose("a", "b");
    assertThat(starts(1)).containsExactly("b");
    late = true;
    assertThat(starts(3)).isEmpty();
    assertThat(queue.isDone()).as("b runs").isFalse();
    end("b");
    assertThat(starts(3)).isEmpty();
    assertThat(queue.isDone()).isTrue();
  }

  @Test
  void aLateRunStillRetriesATrialThatHasLostItsExecutor() {
    propose("a");
    assertThat(starts(1)).containsExactly("a");
    late = true;
    lose("e1", "", "a");
    assertThat(queue.isDone()).isFalse();
    assertThat(starts(1)).containsExactly("a");
  }

  private void reachRung(String id, int epochs) {
    double[] losses = new double[epochs];
    find(id).reachRung(TestTrials.result("a", TestTrials.PTB, SPEC, TrialStatus.STOPPED, losses));
  }

  @Test
  void whatDriversMayHaveDiedOfGoesAfterAllOthers() {
    begun.put("a", new KeptProgress("e1", 3));
    begun.put("b", new KeptProgress("e1", 2));
    PlannedTrial deferred = propose("a", "b", "c").get(0);
    assertThat(starts(1)).containsExactly("b");
    assertThat(events).containsExactly(new SweepEvent.TrialDeferred(deferred, 3));
    end("b");
    assertThat(starts(1)).containsExactly("c");
    assertThat(starts(1)).isEmpty();
    assertThat(starts(2)).containsExactly("a");
  }

  @Test
  void aDeferredTrialIsNotDeferredAgainWhenItHasLostItsExecutor() {
    begun.put("a", new KeptProgress("e1", 3));
    propose("a");
    assertThat(starts(1)).containsExactly("a");
    propose("b");
    lose("executor 1", "e1", "a");
    assertThat(starts(1)).containsExactly("a");
  }

  @Test
  void threeLossesAloneAtOnePlaceAreEnough() {
    PlannedTrial trial = propose("a", "b").get(0);
    assertThat(starts(1)).containsExactly("a");
    lose("executor 1", "", "a");
    assertThat(starts(1)).containsExactly("a");
    lose("executor 2", "", "a");
    assertThat(starts(1)).containsExactly("a");
    lose("executor 3", "", "a");

    assertThat(givenUp)
        .isEqualTo(
            Map.of(
                "a",
                "lost its executor 3 times at the same checkpoint; the last time: executor 3"));
    assertThat(events)
        .containsExactly(
            new SweepEvent.ExecutorLost(trial, "executor 1", false),
            new SweepEvent.ExecutorLost(trial, "executor 2", false));
  }

  @Test
  void whoeverComesFurtherMayBeLostForEver() {
    propose("a");
    for (int i = 1; i <= 20; i++) {
      assertThat(starts(1)).containsExactly("a");
      lose("executor " + i, "e" + (i + 1) / 2, "a");
    }
    assertThat(givenUp).isEmpty();
  }

  @Test
  void executorsThatAreLostAtTheSameTimeAreNoCompany() {
    propose("a", "b");
    for (int i = 1; i <= 3; i++) {
      assertThat(starts(2)).containsExactly("a", "b");
      lost("executor " + i, "", "a");
      lost("executor " + -i, "", "b");
      judge();
    }
    assertThat(givenUp).containsOnlyKeys("a", "b");
  }

  @Test
  void suspectsGoOnOneAfterTheOtherWhenNothingElseWaits() {
    PlannedTrial second = propose("a", "b", "c").get(1);
    starts(2);
    lose("executor 1", "", "a", "b");
    assertThat(starts(2)).containsExactly("a", "b");
    lose("executor 2", "", "a", "b");
    assertThat(events).endsWith(new SweepEvent.ExecutorLost(second, "executor 2", true));

    assertThat(starts(0)).isEmpty();
    assertThat(starts(1)).containsExactly("c", "a");
    reach("", "a");
    assertThat(starts(5)).isEmpty();
    reach("e1", "a");
    assertThat(starts(5)).containsExactly("b");
  }

  @Test
  void aSuspectGoesOnThatOtherProposalsWaitFor() {
    finished = false;
    propose("a", "b");
    starts(2);
    lose("executor 1", "", "a", "b");
    starts(2);
    lose("executor 2", "", "a", "b");

    assertThat(starts(2)).containsExactly("a");
  }

  @Test
  void oneThatIsLostInCompanyEvenThenHasToBeAlone() {
    propose("a", "b");
    assertThat(starts(2)).containsExactly("a", "b");
    for (int i = 1; i <= 2; i++) {
      propose("company " + i);
      assertThat(starts(3)).containsExactly("company " + i);
      lose("executor " + i, "", "a", "company " + i);
      assertThat(starts(3)).containsExactly("a", "company " + i);
      end("company " + i);
    }
    propose("c");
    assertThat(starts(3)).containsExactly("c");
    lose("executor 3", "", "a", "c");

    assertThat(starts(5)).containsExactly("c");
    end("b");
    lose("executor 4", "", "c");
    assertThat(starts(5)).as("it is the only one now").containsExactly("a");
    propose("d");
    assertThat(starts(5)).isEmpty();
    end("a");
    assertThat(starts(5)).containsExactly("c", "d");
  }

  @Test
  void aTaskThatFailsInAnExecutorThatLivesIsTriedAgainLaterAndLater() {
    PlannedTrial trial = propose("a", "b").get(0);
    for (int seconds : List.of(2, 4, 8, 16, 30)) {
      assertThat(starts(1)).containsExactly("a");
      queue.failed(find("a"), "", "no permission", now);
      assertThat(events).endsWith(new SweepEvent.TaskFailed(trial, "no permission", seconds));
      for (int second = 1; second <= seconds; second++) {
        assertThat(starts(1)).as("its slot is kept").isEmpty();
        judge();
      }
    }
    assertThat(starts(1)).containsExactly("a");
    queue.failed(find("a"), "", "no permission", now);

    assertThat(givenUp)
        .isEqualTo(
            Map.of(
                "a",
                "its task failed 6 times at the same checkpoint; the last time: no permission"));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2", "1, 2, 1", "1, 4, 3", "3, 4, 2", "4, 2, 5", "2, 8, 12"})
  void theDeadlyFailAfterFewLossesAndNobodyElseDoes(int executors, int cores, int deadly) {
    for (int seed = 0; seed < 50; seed++) {
      givenUp.clear();
      queue = queue();
      for (Simulated trial : new Cluster(new Random(seed), executors, cores).run(20, deadly)) {
        assertThat(givenUp.containsKey(trial.id)).isEqualTo(trial.deadlyAt > 0);
        if (trial.deadlyAt > 0) {
          assertThat(trial.killed).isLessThanOrEqualTo(6);
        }
      }
    }
  }

  /** A trial that takes some steps, and may kill its executor in one of them. */
  private static final class Simulated {

    private final String id;
    private final int steps;
    private final int deadlyAt;
    private int checkpoint;
    private int step;
    private int killed;

    Simulated(String id, int steps, int deadlyAt) {
      this.id = id;
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
    private final Map<String, Simulated> trials = new LinkedHashMap<>();
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
        trials.put("trial " + i, new Simulated("trial " + i, steps, deadlyAt));
      }
      List<String> shuffled = new ArrayList<>(trials.keySet());
      Collections.shuffle(shuffled, random);
      propose(shuffled.toArray(String[]::new));
      for (int ticks = 0; !queue.isDone(); ticks++) {
        assertThat(ticks).isLessThan(10_000);
        judge();
        submit();
        new ArrayList<>(executors).forEach(this::step);
      }
      return trials.values();
    }

    private void submit() {
      starts(executors.size() * cores + 2).forEach(id -> submitted.add(trials.get(id)));
      Collections.shuffle(executors, random);
      for (List<Simulated> executor : executors) {
        while (executor.size() < cores && !submitted.isEmpty()) {
          Simulated begun = submitted.poll();
          begun.step = begun.checkpoint;
          executor.add(begun);
        }
      }
    }

    private void step(List<Simulated> executor) {
      for (Simulated trial : List.copyOf(executor)) {
        trial.step++;
        if (trial.step == trial.deadlyAt) {
          trial.killed++;
          lostExecutors++;
          executor.forEach(each -> lost("executor " + lostExecutors, each.position(), each.id));
          executor.clear();
          return;
        }
        if (trial.step == trial.steps) {
          executor.remove(trial);
          end(trial.id);
        } else if (trial.step % 5 == 0) {
          trial.checkpoint = trial.step;
          reach(trial.position(), trial.id);
        }
      }
    }
  }

  private TrialQueue queue() {
    return new TrialQueue(new Proposals(), begun, events::add, this::giveUp);
  }

  private void giveUp(RunningTrial trial, String reason) {
    givenUp.put(trial.trial().id(), reason);
    end(trial.trial().id());
  }

  private List<PlannedTrial> propose(String... ids) {
    List<PlannedTrial> trials = Stream.of(ids).map(id -> new PlannedTrial(id, SPEC, id)).toList();
    proposed.addAll(trials);
    return trials;
  }

  /** The ids of all that are started now. */
  private List<String> starts(int wanted) {
    List<String> started = new ArrayList<>();
    for (Optional<RunningTrial> next = queue.next(wanted);
        next.isPresent();
        next = queue.next(wanted)) {
      started.add(next.get().trial().id());
    }
    return started;
  }

  private RunningTrial find(String id) {
    return queue.find(id).orElseThrow();
  }

  private void end(String id) {
    assertThat(queue.end(id)).isPresent();
  }

  private void reach(String position, String id) {
    RunningTrial trial = find(id);
    trial.heard(new SweepEvent.CheckpointSaved(trial.trial(), position));
  }

  private void lose(String executor, String position, String... ids) {
    for (String id : ids) {
      lost(executor, position, id);
    }
    judge();
  }

  private void lost(String executor, String position, String id) {
    queue.lost(find(id), position, new RetryState.Loss(executor, executor, now));
  }

  private void judge() {
    now += TimeUnit.SECONDS.toNanos(1);
    queue.judge(now);
  }
}
