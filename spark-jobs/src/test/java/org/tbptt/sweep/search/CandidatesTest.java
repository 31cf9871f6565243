package org.tbptt.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.sweep.search.Search.Kind;

class CandidatesTest {

  private static final Space SPACE = Functions.MIXED.space();

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"RANDOM", "SOBOL", "TPE"})
  void moreTrialsKeepEveryCandidateThatThereWas(Kind kind) {
    List<Candidate> few = one(new Search(kind, 20, 3, 4, 5), Functions.MIXED::of);
    List<Candidate> more = one(new Search(kind, 40, 3, 4, 5), Functions.MIXED::of);

    assertThat(few).hasSize(20);
    assertThat(more).hasSize(40).startsWith(few.toArray(Candidate[]::new));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"RANDOM", "SOBOL", "TPE"})
  void anotherSeedGivesOtherCandidates(Kind kind) {
    assertThat(one(new Search(kind, 20, 3, 4, 5), Functions.MIXED::of))
        .doesNotContainAnyElementsOf(one(new Search(kind, 20, 4, 4, 5), Functions.MIXED::of));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"RANDOM", "SOBOL", "TPE"})
  void everyValueIsOneOfItsAxis(Kind kind) {
    for (long seed = 0; seed < 10; seed++) {
      // What is best at the ends tempts to go beyond them.
      double towards = seed % 2 == 0 ? 1 : -1;
      for (Candidate candidate :
          one(
              new Search(kind, 60, seed, 2, 5),
              x -> towards * x.stream().mapToDouble(value -> value).sum())) {
        List<Double> x = candidate.values();
        assertThat(x.get(0)).isBetween(1e-5, 1.0);
        assertThat(x.get(1)).isBetween(8.0, 512.0).isEqualTo(Math.rint(x.get(1)));
        assertThat(x.get(2)).isIn(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0);
        assertThat(x.get(3)).isIn(0.0, 1.0, 2.0, 3.0, 4.0);
        assertThat(x.get(4)).isIn(0.0, 1.0, 2.0);
      }
    }
  }

  @Test
  void tpeBeginsAsRandomSearchDoes() {
    assertThat(one(new Search(Kind.TPE, 20, 7, 2, 12), Functions.MIXED::of).subList(0, 12))
        .isEqualTo(one(new Search(Kind.RANDOM, 12, 7, 2, 12), Functions.MIXED::of));
  }

  @Test
  void aCandidateOfTpeWaitsForAllButThoseThatMayRunBesideIt() {
    Candidates candidates = new Candidates(new Search(Kind.TPE, 9, 1, 3, 4), SPACE, c -> true);
    for (int startup = 0; startup < 4; startup++) {
      assertThat(candidates.next()).isPresent();
    }
    assertThat(candidates.next()).as("candidate 4 needs 0 and 1").isEmpty();
    candidates.ended(1, completed(1));
    assertThat(candidates.next()).isEmpty();
    candidates.ended(3, completed(1));
    assertThat(candidates.next()).isEmpty();
    candidates.ended(0, completed(1));
    assertThat(candidates.next()).isPresent();
    assertThat(candidates.next()).as("candidate 5 needs 2").isEmpty();
    candidates.ended(2, completed(1));
    assertThat(candidates.next()).isPresent();
    assertThat(candidates.next()).as("candidate 6 has 0 to 3").isPresent();
    assertThat(candidates.next()).isEmpty();
    assertThat(candidates.isFinished()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"RANDOM", "SOBOL", "TPE"})
  void aFiniteSpaceIsGoneThroughToItsLastPointAndNoneComesTwice(Kind kind) {
    Space space =
        new Space(List.of(new Choices(3), new Choices(2), new Range(1, 7, Scale.LINEAR, 1)));
    Candidates candidates = new Candidates(new Search(kind, 100, 1, 2, 5), space, c -> true);
    Set<List<Double>> found = new HashSet<>();
    for (Optional<Candidate> next = candidates.next(); next.isPresent(); next = candidates.next()) {
      found.add(next.get().values());
      candidates.ended(next.get().index(), completed(next.get().values().get(0)));
    }

    assertThat(found).hasSize(42);
    assertThat(candidates.size()).isEqualTo(42);
    assertThat(candidates.isFinished()).isTrue();
    assertThat(candidates.isExhausted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"RANDOM", "SOBOL", "TPE"})
  void whatIsRefusedIsDrawnAgainAndTheSearchEndsIfThereIsNothingElse(Kind kind) {
    Set<Double> cells = new HashSet<>();
    Candidates candidates =
        new Candidates(new Search(kind, 100, 1, 2, 5), SPACE, c -> cells.add(c.values().get(3)));
    for (int i = 0; i < 5; i++) {
      assertThat(candidates.next()).map(Candidate::index).contains(i);
      candidates.ended(i, completed(i));
    }

    assertThat(cells).containsExactlyInAnyOrder(0.0, 1.0, 2.0, 3.0, 4.0);
    assertThat(candidates.next()).isEmpty();
    assertThat(candidates.isExhausted()).isTrue();
  }

  @Test
  void executorsOfAnySpeedAndNumberHaveTheSameCandidates() {
    anyExecutors(60, 10);
  }

  @Test
  @Tag("long")
  void executorsOfAnySpeedAndNumberHaveTheSameCandidates200() {
    anyExecutors(100, 200);
  }

  private static void anyExecutors(int trials, int seeds) {
    for (int seed = 0; seed < seeds; seed++) {
      Random random = new Random(seed);
      Search search =
          new Search(Kind.TPE, trials, seed, 1 + random.nextInt(12), 1 + random.nextInt(20));
      List<Candidate> alone = one(search, CandidatesTest::unreliable);
      List<Candidate> together =
          simulated(search, CandidatesTest::unreliable, 1 + random.nextInt(20), random);
      assertThat(together).as("seed %d, %s", seed, search).isEqualTo(alone);
    }
  }

  /** One in five diverges. */
  private static double unreliable(List<Double> x) {
    double loss = Functions.MIXED.of(x);
    return Math.floorMod(Double.hashCode(loss), 5) == 0 ? Double.NaN : loss;
  }

  private static List<Candidate> one(Search search, ToDoubleFunction<List<Double>> loss) {
    return simulated(search, loss, 1, new Random(0));
  }

  /** What a search gives on executors that take random times. */
  private static List<Candidate> simulated(
      Search search, ToDoubleFunction<List<Double>> loss, int slots, Random random) {
    record Running(double until, Candidate candidate) {}
    Candidates candidates = new Candidates(search, SPACE, c -> true);
    List<Candidate> begun = new ArrayList<>();
    PriorityQueue<Running> running =
        new PriorityQueue<>((a, b) -> Double.compare(a.until(), b.until()));
    double now = 0;
    while (true) {
      while (running.size() < slots) {
        Optional<Candidate> next = candidates.next();
        if (next.isEmpty()) {
          break;
        }
        begun.add(next.get());
        running.add(new Running(now - Math.log(random.nextDouble()), next.get()));
      }
      if (running.isEmpty()) {
        assertThat(candidates.isFinished()).isTrue();
        return begun;
      }
      Running ended = running.remove();
      now = ended.until();
      candidates.ended(
          ended.candidate().index(), completed(loss.applyAsDouble(ended.candidate().values())));
    }
  }

  static Score completed(double loss) {
    return new Score(Score.Ending.COMPLETED, 1, loss);
  }
}
