package org.tbptt.sweep.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tbptt.model.random.Purpose;

/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl 2011; settings as in
 * Optuna, which Watanabe 2023, arXiv 2304.11127, compares). Of the n candidates that have ended,
 * the best ceil(n / 10), at most 25, are the good ones. On each axis on its own, l is the density
 * of the good ones and g that of the others ({@link Parzen}); of 24 values drawn from l the one
 * with the largest l / g is taken, which has the largest expected improvement.
 *
 * <p>Candidates whose results are not known yet are among the others, which keeps those that train
 * at the same time apart (Optuna's constant_liar). g has the newest {@value #MOST_OTHERS} of the
 * others, so that a proposal costs the same however long the search is.
 */
final class TpeProposals implements Proposals {

  private static final int DRAWS = 24;
  private static final int MOST_GOOD = 25;
  private static final int MOST_OTHERS = 500;

  /** What is refused so often is drawn at random. */
  private static final int MOST_REDRAWS = 8;

  private final Search search;
  private final Space space;
  private final RandomProposals random;

  /** Those whose results count, the best first. */
  private TreeSet<Integer> ranking;

  TpeProposals(Search search, Space space, RandomProposals random) {
    this.search = search;
    this.space = space;
    this.random = random;
  }

  @Override
  public int needed(int candidate) {
    return candidate < search.startup() ? 0 : Math.max(0, candidate - search.parallel() + 1);
  }

  @Override
  public List<Double> propose(int candidate, int redraw, History history) {
    int known = needed(candidate);
    if (known == 0 || redraw > MOST_REDRAWS) {
      return random.propose(candidate, redraw, history);
    }
    rank(known, history);
    List<Integer> good =
        ranking.stream()
            .limit(Math.min(MOST_GOOD, (known + 9) / 10))
            .filter(each -> history.score(each).counts())
            .sorted()
            .toList();
    List<Integer> others = others(candidate, new HashSet<>(good));
    List<Double> values = new ArrayList<>();
    for (Dimension dimension : space.dimensions()) {
      int axis = values.size();
      double[] u =
          RandomProposals.numbers(search.seed(), Purpose.TPE, axis, candidate, redraw, 2 * DRAWS);
      values.add(
          best(
              Parzen.of(dimension, values(good, axis, history)),
              Parzen.of(dimension, values(others, axis, history)),
              u));
    }
    return values;
  }

  private static double best(Parzen good, Parzen others, double[] u) {
    double best = Double.NaN;
    double most = Double.NEGATIVE_INFINITY;
    for (int draw = 0; draw < DRAWS; draw++) {
      double value = good.draw(u[2 * draw], u[2 * draw + 1]);
      double ratio = good.density(value) / others.density(value);
      if (draw == 0 || ratio > most) {
        best = value;
        most = ratio;
      }
    }
    return best;
  }

  /** Takes those into the ranking that count now and did not before. */
  private void rank(int known, History history) {
    if (ranking == null) {
      ranking =
          new TreeSet<>(
              Comparator.comparing(history::score).thenComparing(Comparator.naturalOrder()));
    }
    for (int next = ranking.size(); next < known; next++) {
      ranking.add(next);
    }
  }

  private static List<Integer> others(int candidate, Set<Integer> good) {
    List<Integer> others = new ArrayList<>();
    for (int each = candidate - 1; each >= 0 && others.size() < MOST_OTHERS; each--) {
      if (!good.contains(each)) {
        others.add(each);
      }
    }
    Collections.reverse(others);
    return others;
  }

  private static double[] values(List<Integer> candidates, int axis, History history) {
    return candidates.stream().mapToDouble(each -> history.value(each, axis)).toArray();
  }
}
