package org.tbptt.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tbptt.sweep.search.CandidatesTest.completed;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.sweep.search.Search.Kind;

class TpeProposalsTest {

  private static final Space LINE = new Space(List.of(new Range(0, 1, Scale.LINEAR, 0)));

  @ParameterizedTest
  @EnumSource(names = {"BRANIN", "MIXED"})
  void theRegretIsMuchLessThanThatOfRandomSearch(Functions function) {
    requireAThird(function, 10);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  void theMedianRegretIsAtMostAThirdOfRandomSearch(Functions function) {
    requireAThird(function, 50);
  }

  /** 100 evaluations, eight at a time. */
  private static void requireAThird(Functions function, int seeds) {
    double random = medianRegret(function, new Search(Kind.RANDOM, 100, 0, 8, 10), seeds);
    double tpe = medianRegret(function, new Search(Kind.TPE, 100, 0, 8, 10), seeds);

    assertThat(tpe).isLessThanOrEqualTo(random / 3);
  }

  private static double medianRegret(Functions function, Search search, int seeds) {
    double[] regrets =
        IntStream.range(0, seeds)
            .mapToObj(
                seed ->
                    new Search(
                        search.kind(), search.trials(), seed, search.parallel(), search.startup()))
            .mapToDouble(seeded -> regret(function, seeded))
            .sorted()
            .toArray();
    return (regrets[seeds / 2 - 1] + regrets[seeds / 2]) / 2;
  }

  private static double regret(Functions function, Search search) {
    double best = Double.POSITIVE_INFINITY;
    Candidates candidates = new Candidates(search, function.space(), c -> true);
    Deque<Candidate> running = new ArrayDeque<>();
    while (!candidates.isFinished() || !running.isEmpty()) {
      for (Optional<Candidate> next = candidates.next();
          next.isPresent();
          next = candidates.next()) {
        running.add(next.get());
      }
      Candidate ended = running.remove();
      double loss = function.of(ended.values());
      candidates.ended(ended.index(), completed(loss));
      best = Math.min(best, loss);
    }
    return best - function.minimum();
  }

  @Test
  void equalLossesDoNoHarm() {
    List<Double> values = search(200, i -> completed(0.5));

    assertThat(values).hasSize(200).doesNotHaveDuplicates().allMatch(x -> x >= 0 && x <= 1);
  }

  @Test
  void whatDivergedIsNeverCalledGood() {
    // All diverge but those near 0.9, which are as bad as can be.
    List<Double> values = new ArrayList<>();
    values.addAll(
        search(
            150,
            LINE,
            x -> completed(Math.abs(x - 0.9) < 0.1 ? 1e9 : x < 0.5 ? Double.NaN : -1.0 / 0)));

    long near = values.subList(50, 150).stream().filter(x -> Math.abs(x - 0.9) < 0.1).count();
    assertThat(near).isGreaterThan(80);
  }

  @Test
  void ifAllDivergeThereAreStillCandidates() {
    assertThat(search(100, i -> completed(Double.NaN))).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void stoppedCandidatesRankBehindCompletedOnesByTheirEpochs() {
    Score good = completed(0.3);
    Score bad = completed(0.9);
    Score far = new Score(Score.Ending.STOPPED, 9, 0.5);
    Score asFar = new Score(Score.Ending.STOPPED, 9, 0.6);
    Score near = new Score(Score.Ending.STOPPED, 3, 0.1);
    Score none = new Score(Score.Ending.STOPPED, 3, Double.NaN);
    Score failed = new Score(Score.Ending.NONE, 9, 0.1);

    List<Score> shuffled = new ArrayList<>(List.of(failed, none, near, asFar, bad, far, good));
    shuffled.sort(null);
    assertThat(shuffled).containsExactly(good, bad, far, asFar, near, failed, none);
    assertThat(failed).isEqualByComparingTo(none);
    assertThat(none.ending()).isEqualTo(Score.Ending.NONE);
  }

  /** What a decision costs late in a long search. */
  @Test
  @Tag("soak")
  void aProposalForCandidate20000TakesNoLongerThanOneForCandidate2000() {
    Search search = new Search(Kind.TPE, 20_000, 1, 8, 10);
    Candidates candidates = new Candidates(search, Functions.MIXED.space(), c -> true);
    long begun = System.nanoTime();
    for (int i = 0; i < search.trials(); i++) {
      candidates.ended(i, completed(Functions.MIXED.of(candidates.next().orElseThrow().values())));
      if ((i + 1) % 2000 == 0) {
        System.out.printf(
            "candidates %,d to %,d: %.2f ms each%n",
            i - 1999, i, (System.nanoTime() - begun) / 2000e6);
        begun = System.nanoTime();
      }
    }
    assertThat(candidates.isFinished()).isTrue();
  }

  private static List<Double> search(int trials, IntFunction<Score> score) {
    return search(trials, LINE, x -> score.apply(0));
  }

  private static List<Double> search(
      int trials, Space space, java.util.function.DoubleFunction<Score> score) {
    Candidates candidates =
        new Candidates(new Search(Kind.TPE, trials, 1, 1, 10), space, c -> true);
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < trials; i++) {
      double value = candidates.next().orElseThrow().values().get(0);
      values.add(value);
      candidates.ended(i, score.apply(value));
    }
    return values;
  }
}
