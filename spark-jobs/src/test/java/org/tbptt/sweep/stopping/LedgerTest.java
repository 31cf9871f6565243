package org.tbptt.sweep.stopping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.StopCondition;
import org.tbptt.sweep.stopping.Stopping.Kind;

class LedgerTest {

  private static final int EPOCHS = 30;

  @Test
  void ofThreeAtARungOneGoesOnAndItsPlaceIsSaid() {
    Ledger ledger = ledger(Kind.SUCCESSIVE_HALVING, 2, 4);
    record(ledger, 0, 5, 4);
    record(ledger, 1, 5, 4.5);
    record(ledger, 2, 5, 4);
    record(ledger, 3, 5, 3.9);

    assertThat(ledger.decisions())
        .extracting(Decision::stopped, Decision::reason)
        .containsExactly(
            tuple(false, "rung 0, 2 epochs: 1st of 1, 1 goes on"),
            tuple(true, "rung 0, 2 epochs: 2nd of 2, 1 goes on"),
            tuple(true, "rung 0, 2 epochs: 2nd of 3, 1 goes on"),
            tuple(false, "rung 0, 2 epochs: 1st of 4, 2 go on"));
  }

  @Test
  void aCandidateIsNotDecidedBeforeAllEarlierOnesAreThereOrHaveEnded() {
    Ledger ledger = ledger(Kind.SUCCESSIVE_HALVING, 1, 3);
    record(ledger, 2, 4);
    record(ledger, 1, 5);
    assertThat(ledger.isDecided(2)).isFalse();
    assertThat(ledger.size()).isZero();
    ledger.end(0);

    assertThat(ledger.decisions())
        .extracting(Decision::candidate, Decision::reason)
        .containsExactly(
            tuple(1, "rung 0, 1 epoch: 1st of 1, 1 goes on"),
            tuple(2, "rung 0, 1 epoch: 1st of 2, 1 goes on"));
  }

  @Test
  void whoeverDivergedAtARungCountsAsTheLastThereAndNothingIsDecidedAboutIt() {
    Ledger ledger = ledger(Kind.SUCCESSIVE_HALVING, 1, 3);
    record(ledger, 0, Double.NaN);
    ledger.end(0);
    record(ledger, 1, 100);
    record(ledger, 2, 200);

    assertThat(ledger.decisions())
        .extracting(Decision::reason)
        .containsExactly(
            "rung 0, 1 epoch: 1st of 2, 1 goes on", "rung 0, 1 epoch: 2nd of 3, 1 goes on");
  }

  @Test
  void whoeverIsStoppedDoesNotHoldUpTheNextRung() {
    Ledger ledger = ledger(Kind.SUCCESSIVE_HALVING, 1, 3);
    record(ledger, 0, 1);
    record(ledger, 1, 2);
    record(ledger, 2, 0.5, 0.4, 0.3);
    assertThat(ledger.isDecided(2)).isFalse();
    ledger.end(0);

    assertThat(ledger.isDecided(2)).isTrue();
    assertThat(ledger.decisions())
        .extracting(Decision::candidate, Decision::rung, Decision::stopped)
        .containsExactly(
            tuple(0, 0, false), tuple(1, 0, true), tuple(2, 0, false), tuple(2, 1, false));
  }

  @Test
  void theMedianIsThatOfEarlierCandidatesAtTheEpoch() {
    Ledger ledger = ledger(Kind.MEDIAN, 2, 4);
    record(ledger, 0, 9, 5);
    record(ledger, 1, 9, 6);
    record(ledger, 2, 5.5, 7);
    record(ledger, 3, 9, 6.5);

    assertThat(ledger.decisions())
        .extracting(Decision::stopped, Decision::median, Decision::reason)
        .containsExactly(
            tuple(false, null, "rung 0, epoch 2: no earlier trial was here"),
            tuple(
                true,
                5.0,
                "rung 0, epoch 2: lowest loss 6.0000 above 5.0000, the median of 1 earlier"),
            tuple(
                false,
                5.5,
                "rung 0, epoch 2: lowest loss 5.5000 not above 5.5000, the median of 2 earlier"),
            tuple(
                true,
                6.0,
                "rung 0, epoch 2: lowest loss 6.5000 above 6.0000, the median of 3 earlier"));
  }

  @Test
  void patienceEndsSomeEpochsAfterTheBestLossWhateverOthersDo() {
    Ledger ledger = new Ledger(new Patience(3, 2, 0.1));
    ledger.enter(EPOCHS);
    ledger.enter(EPOCHS);
    record(ledger, 1, 5, 4, 3.95, 3.92);

    assertThat(ledger.decisions())
        .extracting(Decision::epoch, Decision::stopped, Decision::reason)
        .containsExactly(
            tuple(
                3,
                false,
                "rung 0, epoch 3: 1 epoch after the best loss, 4.0000 in epoch 2; patience 2"),
            tuple(
                4,
                true,
                "rung 1, epoch 4: 2 epochs after the best loss, 4.0000 in epoch 2; patience 2"));
  }

  @Test
  void aTrialAsksOnlyWhereItsLimitIsNotKnown() {
    Ledger ledger = ledger(Kind.SUCCESSIVE_HALVING, 1, 3);
    record(ledger, 0, 5);
    StopCondition second = ledger.limits(1);
    assertThat(second.stopsAfter(metrics(4.9))).isFalse();
    assertThat(second.stopsAfter(metrics(5))).isTrue();
    assertThat(second.stopsAfter(metrics(4.9, 4.8, 4.7))).as("the first is on its way").isTrue();
    assertThat(ledger.limits(0).stopsAfter(metrics(5, 5, 5))).isFalse();
    assertThat(ledger.limits(2).stopsAfter(metrics(1))).as("the second is not there").isTrue();
  }

  @Test
  void aTrialThatHasFewerEpochsCountsAtItsLastOneAndIsNotStoppedThere() {
    Ledger ledger = new Ledger(new SuccessiveHalving(1, 3));
    ledger.enter(3);
    ledger.enter(9);
    record(ledger, 0, 5, 5, 5);
    record(ledger, 1, 4, 4, 6);

    assertThat(ledger.decisions())
        .extracting(Decision::candidate, Decision::epoch, Decision::stopped)
        .containsExactly(tuple(0, 1, false), tuple(1, 1, false), tuple(1, 3, true));
  }

  @Test
  void rungsAreAFactorApart() {
    SuccessiveHalving rule = new SuccessiveHalving(2, 3);
    assertThat(IntStream.range(0, 5).map(rule::epochOf)).containsExactly(2, 6, 18, 54, 162);
    assertThat(rule.epochOf(100)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void theLikelyEpochsAreThoseOfRandomLosses() {
    SuccessiveHalving rule = new SuccessiveHalving(1, 3);
    long sum = 0;
    for (int seed = 0; seed < 300; seed++) {
      Ledger ledger = new Ledger(rule);
      Random random = new Random(seed);
      for (int i = 0; i < 40; i++) {
        ledger.enter(20);
        for (int epoch = 1; epoch <= 20 && ledger.stop(i).isEmpty(); epoch++) {
          ledger.record(i, epoch, random.nextDouble());
          sum++;
        }
      }
    }
    assertThat(rule.likelyEpochs(40, 20).orElseThrow()).isCloseTo(sum / 300, withinPercentage(10));
    assertThat(rule.epochsBefore(20)).containsExactly(1, 3, 9);
    assertThat(new MedianStopping(2).likelyEpochs(40, 20)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theSameIsDecidedForAnyNumberOfSlotsAndAnyOrder(Kind kind) {
    identicalDecisions(kind, 200, 10);
  }

  @ParameterizedTest
  @EnumSource(names = {"MEDIAN", "SUCCESSIVE_HALVING"})
  @Tag("soak")
  void theSameIsDecidedAmongThousandsOfCandidates(Kind kind) {
    identicalDecisions(kind, 5_000, 200);
  }

  private static void identicalDecisions(Kind kind, int candidates, int seeds) {
    for (int seed = 0; seed < seeds; seed++) {
      StoppingRule rule = new Stopping(kind, 1 + seed % 3, 2 + seed % 3, 3, 0.001).rule();
      double[][] curves = curves(candidates, new Random(seed));
      List<Decision> alone = new Executors(rule, curves, 1, new Random(seed)).run();
      Random random = new Random(-seed);
      int slots = 2 + random.nextInt(seed % 2 == 0 ? 8 : 200);
      List<Decision> many = new Executors(rule, curves, slots, random).run();
      assertThat(many).as("seed " + seed).isEqualTo(alone);
      if (candidates <= 200) {
        assertThat(alone).isEqualTo(byDefinition(rule, curves));
      }
    }
  }

  /** Falling, some alike, some that diverge or fail on the way. */
  private static double[][] curves(int candidates, Random random) {
    double[][] curves = new double[candidates][];
    for (int i = 0; i < candidates; i++) {
      int length = random.nextInt(10) == 0 ? random.nextInt(EPOCHS) : EPOCHS;
      double end = random.nextInt(20) / 10.0;
      double fall = random.nextDouble();
      curves[i] = new double[length];
      for (int e = 0; e < length; e++) {
        curves[i][e] = end + Math.round(100 * fall / (e + 1) + random.nextInt(3)) / 100.0;
      }
      if (length > 0 && length < EPOCHS && random.nextBoolean()) {
        curves[i][length - 1] = Double.NaN;
      }
    }
    return curves;
  }

  /** What the rules' descriptions say, candidate by candidate. */
  private static List<Decision> byDefinition(StoppingRule rule, double[][] curves) {
    List<Decision> decisions = new ArrayList<>();
    int[] stoppedAt = new int[curves.length];
    Arrays.fill(stoppedAt, Integer.MAX_VALUE);
    for (int i = 0; i < curves.length; i++) {
      for (int r = 0; rule.epochOf(r) <= curves[i].length; r++) {
        int epoch = rule.epochOf(r);
        double loss = curves[i][epoch - 1];
        if (epoch == EPOCHS || Double.isNaN(loss)) {
          break;
        }
        SortedLosses earlier = new SortedLosses();
        for (int j = 0; j < i; j++) {
          if (curves[j].length >= epoch && stoppedAt[j] >= epoch) {
            earlier.add(curves[j][epoch - 1]);
          }
        }
        Decision decision = rule.decide(i, r, curves[i], earlier);
        decisions.add(decision);
        if (decision.stopped()) {
          stoppedAt[i] = epoch;
          break;
        }
      }
    }
    return decisions;
  }

  /** Slots that train in random time; a trial leaves its slot where it has to wait. */
  private static final class Executors {

    private final double[][] curves;
    private final Random random;
    private final Ledger ledger;
    private final PriorityQueue<Run> running =
        new PriorityQueue<>(Comparator.comparingDouble((Run run) -> run.until));
    private final List<Integer> waiting = new ArrayList<>();
    private final List<Integer> paused = new ArrayList<>();
    private final int[] epochs;
    private int slots;
    private double now;

    /** A trial in a slot. */
    private record Run(int candidate, StopCondition limits, double until) {}

    Executors(StoppingRule rule, double[][] curves, int slots, Random random) {
      this.curves = curves;
      this.slots = slots;
      this.random = random;
      this.ledger = new Ledger(rule);
      this.epochs = new int[curves.length];
      for (int i = 0; i < curves.length; i++) {
        ledger.enter(EPOCHS);
        waiting.add(i);
      }
      if (slots > 1) { // any order is allowed
        for (int from = 0; from < curves.length; from += 100) {
          Collections.shuffle(waiting.subList(from, Math.min(from + 100, curves.length)), random);
        }
      }
    }

    List<Decision> run() {
      start();
      while (!running.isEmpty()) {
        Run run = running.remove();
        now = run.until;
        epochEnded(run.candidate, run.limits);
        start();
      }
      assertThat(waiting).isEmpty();
      assertThat(paused).as("a deadlock").isEmpty();
      return ledger.decisions();
    }

    private void start() {
      for (Integer each : List.copyOf(paused)) {
        if (ledger.isDecided(each)) {
          paused.remove(each);
          if (ledger.stop(each).isEmpty()) {
            waiting.add(0, each);
          }
        }
      }
      while (slots > 0 && !waiting.isEmpty()) {
        slots--;
        int next = waiting.remove(0);
        train(next, ledger.limits(next));
      }
    }

    private void train(int candidate, StopCondition limits) {
      running.add(new Run(candidate, limits, now + 0.1 + random.nextDouble()));
    }

    private void epochEnded(int candidate, StopCondition limits) {
      double[] curve = curves[candidate];
      if (epochs[candidate] == curve.length) { // it failed in this epoch
        ledger.end(candidate);
        slots++;
        return;
      }
      epochs[candidate]++;
      double[] soFar = Arrays.copyOf(curve, epochs[candidate]);
      ledger.record(candidate, soFar.length, soFar[soFar.length - 1]);
      if (soFar.length == EPOCHS || Double.isNaN(soFar[soFar.length - 1])) {
        ledger.end(candidate);
        slots++;
      } else if (limits.stopsAfter(metrics(soFar))) {
        paused.add(candidate);
        slots++;
      } else {
        train(candidate, limits);
      }
    }
  }

  private static void record(Ledger ledger, int candidate, double... losses) {
    for (int e = 0; e < losses.length; e++) {
      ledger.record(candidate, e + 1, losses[e]);
    }
  }

  private static List<EpochMetrics> metrics(double... losses) {
    return IntStream.range(0, losses.length)
        .mapToObj(e -> new EpochMetrics(e + 1, 1, 0, 0, losses[e], 0, 0, 0, 1, 1))
        .toList();
  }

  private static Ledger ledger(Kind kind, int minEpochs, int candidates) {
    Ledger ledger = new Ledger(new Stopping(kind, minEpochs, 3, 3, 0).rule());
    IntStream.range(0, candidates).forEach(i -> ledger.enter(EPOCHS));
    return ledger;
  }
}
