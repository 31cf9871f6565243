package org.tbptt.sweep.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Erf;

/**
 * A mixture of normal distributions, cut off at the ends of the range, with x from 0 to 1 on its
 * scale:
 *
 * <pre>
 *   p(x) = sum of w_k N(x; mu_k, s_k^2) / (mass of N(mu_k, s_k^2) in [0, 1]) / sum of w_k
 * </pre>
 *
 * There is a kernel on each of the n values and a prior with mu = 1/2, s = 1, w = 1. s_k is the
 * larger distance to the two neighbours, the prior's mu among them; for the first and the last the
 * distance to its only neighbour; and it is not less than 1 / min(100, n + 2) and not more than 1.
 * Where there are steps, the probability of a value is p's mass in its cell.
 */
final class ParzenRange implements Parzen {

  private static final double PRIOR_CENTRE = 0.5;
  private static final double MOST_KERNELS = 100;

  /** So many s away from its centre a kernel is nothing beside the prior. */
  private static final double REACH = 6;

  /** In a cell that is so many times narrower than s, the density hardly changes. */
  private static final double NARROW = 4;

  private final Range range;
  private final double[] centre; // in ascending order
  private final double[] width;
  private final double[] share; // w / sum of w, divided by the kernel's mass
  private final double[] cumulative; // sums of w / sum of w
  private int count; // of kernels that differ

  ParzenRange(Range range, double[] values) {
    this.range = range;
    int kernels = values.length + 1;
    double[] places = new double[kernels];
    double[] weights = new double[kernels];
    double total = 0;
    for (int i = 0; i < kernels; i++) {
      boolean prior = i == values.length;
      places[i] = prior ? PRIOR_CENTRE : range.placeOf(values[i]);
      weights[i] = prior ? 1 : Parzen.weight(i, values.length);
      total += weights[i];
    }
    Integer[] order = IntStream.range(0, kernels).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> places[i]));
    double[] sorted = Arrays.stream(order).mapToDouble(i -> places[i]).toArray();
    centre = new double[kernels];
    width = new double[kernels];
    share = new double[kernels];
    cumulative = new double[kernels];
    double sum = 0;
    for (int i = 0; i < kernels; i++) {
      double s = order[i] == values.length ? 1 : width(sorted, i);
      boolean again = count > 0 && centre[count - 1] == sorted[i] && width[count - 1] == s;
      int k = again ? count - 1 : count++; // of equal kernels there is one, with all their weight
      centre[k] = sorted[i];
      width[k] = s;
      share[k] += weights[order[i]] / total;
      sum += weights[order[i]] / total;
      cumulative[k] = sum;
    }
    for (int k = 0; k < count; k++) {
      share[k] /= mass(k, 0, 1);
    }
  }

  private static double width(double[] sorted, int k) {
    double left = k > 0 ? sorted[k] - sorted[k - 1] : 0;
    double right = k < sorted.length - 1 ? sorted[k + 1] - sorted[k] : 0;
    double least = 1 / Math.min(MOST_KERNELS, 1.0 + sorted.length);
    return Math.min(1, Math.max(least, Math.max(left, right)));
  }

  @Override
  public double draw(double u, double v) {
    int k = 0;
    while (k < count - 1 && u >= cumulative[k]) {
      k++;
    }
    double from = below(k, 0);
    double probability = from + v * (below(k, 1) - from);
    double z = Math.sqrt(2) * Erf.erfInv(2 * probability - 1);
    return range.at(Math.max(0, Math.min(1, centre[k] + width[k] * z)));
  }

  @Override
  public double density(double value) {
    double density = 0;
    if (range.step() > 0) {
      double from = range.cellFrom(value);
      double to = range.cellTo(value);
      for (int k = 0; k < count; k++) {
        boolean narrow = (to - from) * NARROW < width[k];
        density +=
            share[k] * (narrow ? (to - from) * normal(k, (from + to) / 2) : mass(k, from, to));
      }
      return density;
    }
    double x = range.placeOf(value);
    for (int k = 0; k < count; k++) {
      density += share[k] * normal(k, x);
    }
    return density;
  }

  /** N(x; mu_k, s_k^2). */
  private double normal(int k, double x) {
    double z = (x - centre[k]) / width[k];
    return Math.abs(z) < REACH
        ? StrictMath.exp(-z * z / 2) / (width[k] * Math.sqrt(2 * Math.PI))
        : 0;
  }

  /** The mass of kernel k between two places. */
  private double mass(int k, double from, double to) {
    double left = (from - centre[k]) / width[k];
    double right = (to - centre[k]) / width[k];
    if (left < -REACH && right > REACH) {
      return 1;
    }
    return left > REACH || right < -REACH
        ? 0
        : Erf.erf(left / Math.sqrt(2), right / Math.sqrt(2)) / 2;
  }

  private double below(int k, double place) {
    return (1 + Erf.erf((place - centre[k]) / width[k] / Math.sqrt(2))) / 2;
  }
}
