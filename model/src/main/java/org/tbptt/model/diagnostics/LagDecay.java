package org.tbptt.model.diagnostics;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How errors decay over the lags, and the resulting bound on the bias of truncation. Computed from
 * phi_k, the mean over (t,b) of |dloss_t/dh_{t-k}|_2, for lags k = 0, 1, ...
 *
 * <p>The lags that are measured well are 0..W. Their second half, tau..W with tau = W/2, is the
 * tail; a least-squares fit of log phi over the tail only gives beta, the factor from one lag to
 * the next.
 *
 * <p>The bound follows Theorem 1 of Aicher, Foti and Fox, "Adaptively Truncating Backpropagation
 * Through Time to Control Gradient Bias" (UAI 2019), whose truncation K keeps one lag more than
 * ours. Truncation after K steps drops lags K, K+1, ... With |dh/dtheta| at most M, each of them
 * adds at most M phi_k. If phi_k+1 is at most beta phi_k from tau on, and beta below 1, the tail is
 * a geometric series, so that |g_K - g| is at most M A(K) with
 *
 * <pre>
 *   A(K) = phi_K + ... + phi_{tau-1} + phi_tau / (1 - beta)    for K below tau
 *   A(K) = phi_tau beta^(K - tau) / (1 - beta)                 beyond
 * </pre>
 *
 * <p>The relative bias needs a lower bound on |g|: it is at least |g_k| - M A(k) for every k. |g_k|
 * is taken to be M (phi_0 + ... + phi_{k-1}), which is exact where the lags' parts point the same
 * way and too large where they cancel (the authors' program offers the same). Then M cancels. The
 * difference grows with k, so the best k is W+1:
 *
 * <pre>
 *   |g_K - g| / |g|  is at most  R(K) = A(K) / (phi_0 + ... + phi_W - A(W+1))
 * </pre>
 */
public final class LagDecay {

  // Below this, single precision flushes the smaller parts of an error to zero, which bends the
  // fit.
  private static final double WELL_MEASURED = 1e-30;

  private final double[] phi;
  private final int measured;
  private final int tailStart;
  private final OptionalDouble rate;

  /**
   * Fits the tail.
   *
   * @param phi for each lag from 0, at least one of them. If one of them is not finite, every
   *     result is empty
   */
  public LagDecay(double[] phi) {
    if (phi.length == 0) {
      throw new IllegalArgumentException("phi has no lags: must have at least lag 0");
    }
    this.phi = phi.clone();
    this.measured = measured(phi);
    this.tailStart = Math.max(0, (measured - 1) / 2);
    this.rate = rate();
  }

  /**
   * beta, the factor by which phi changes from one lag to the next; 0 if only phi_0 is not 0. Empty
   * if phi_0 is 0 or only one lag was measured.
   */
  public OptionalDouble decayRate() {
    return rate;
  }

  /**
   * The smallest lag k such that lags 0..k have this share of the sum over all lags; empty where
   * the sum is 0.
   *
   * @param share more than 0, at most 1
   */
  public OptionalInt lagCovering(double share) {
    double wanted = share * total();
    if (!(wanted > 0)) {
      return OptionalInt.empty();
    }
    double sum = 0;
    for (int lag = 0; lag < phi.length; lag++) {
      sum += phi[lag];
      if (sum >= wanted) {
        return OptionalInt.of(lag);
      }
    }
    throw new AssertionError("the sum over all lags is less than " + share + " of itself");
  }

  /** The mean lag, in steps, each weighted by its phi; empty where all are 0. */
  public OptionalDouble meanDepth() {
    double total = total();
    if (!(total > 0)) {
      return OptionalDouble.empty();
    }
    double weighted = IntStream.range(0, phi.length).mapToDouble(lag -> lag * phi[lag]).sum();
    return OptionalDouble.of(weighted / total);
  }

  /**
   * A(K): the most, in units of M, that lags K and beyond add to a gradient; empty where beta is
   * unknown or at least 1.
   *
   * @param steps K, 0 or more
   */
  public OptionalDouble remainder(int steps) {
    if (rate.isEmpty() || rate.getAsDouble() >= 1) {
      return OptionalDouble.empty();
    }
    double beta = rate.getAsDouble();
    double tail = phi[tailStart] / (1 - beta);
    return OptionalDouble.of(
        steps < tailStart
            ? sum(steps, tailStart) + tail
            : tail * Math.pow(beta, steps - tailStart));
  }

  /**
   * R(K), the bound on the relative bias of the gradient that is truncated after K steps; empty if
   * there is none, because beta is unknown or at least 1, or the tail exceeds what was measured.
   *
   * @param steps K, 0 or more
   */
  public OptionalDouble relativeBound(int steps) {
    OptionalDouble beyond = remainder(measured);
    if (beyond.isEmpty()) {
      return OptionalDouble.empty();
    }
    double gradient = sum(0, measured) - beyond.getAsDouble();
    return gradient > 0
        ? OptionalDouble.of(remainder(steps).getAsDouble() / gradient)
        : OptionalDouble.empty();
  }

  /**
   * The fewest steps whose {@link #relativeBound} is below delta; {@code most} if there is none, or
   * no bound.
   *
   * @param delta more than 0
   * @param most the most steps there can be, at least 1
   */
  public int stepsWithin(double delta, int most) {
    return IntStream.range(1, most)
        .filter(steps -> relativeBound(steps).orElse(Double.POSITIVE_INFINITY) < delta)
        .findFirst()
        .orElse(most);
  }

  /** The number of lags before the first that is lost in rounding. */
  private static int measured(double[] phi) {
    if (!Arrays.stream(phi).allMatch(Double::isFinite)) {
      return 0;
    }
    return (int) Arrays.stream(phi).takeWhile(value -> value >= WELL_MEASURED).count();
  }

  private OptionalDouble rate() {
    return switch (measured) {
      case 0 -> OptionalDouble.empty();
      case 1 -> phi.length > 1 ? OptionalDouble.of(0) : OptionalDouble.empty();
      default -> OptionalDouble.of(Math.exp(slopeOfLog()));
    };
  }

  /** Least squares on log phi over lags tau..W. */
  private double slopeOfLog() {
    double meanLag = (tailStart + measured - 1) / 2.0;
    double products = 0;
    double squares = 0;
    for (int lag = tailStart; lag < measured; lag++) {
      products += (lag - meanLag) * Math.log(phi[lag] / phi[tailStart]);
      squares += (lag - meanLag) * (lag - meanLag);
    }
    return products / squares;
  }

  /** Of all lags; not a number where one of them is not finite. */
  private double total() {
    return DoubleStream.of(phi).allMatch(Double::isFinite) ? sum(0, phi.length) : Double.NaN;
  }

  /** In the order of the lags, so that {@link #lagCovering} computes the same sum. */
  private double sum(int from, int to) {
    double sum = 0;
    for (int lag = from; lag < to; lag++) {
      sum += phi[lag];
    }
    return sum;
  }
}
