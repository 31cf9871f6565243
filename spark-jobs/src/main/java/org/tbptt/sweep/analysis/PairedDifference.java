package org.tbptt.sweep.analysis;

import java.util.Collection;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;

/**
 * The mean of paired differences with Student's confidence interval for it.
 *
 * @param pairs how many differences there are, at least 1
 * @param mean their mean, nats per token
 * @param margin the interval is mean +- margin; infinite for a single pair, which shows no spread
 */
record PairedDifference(int pairs, double mean, double margin) {

  /** The probability that the interval covers the difference that is estimated. */
  static final double CONFIDENCE = 0.95;

  /**
   * Of independent differences.
   *
   * @throws IllegalArgumentException if there are none
   */
  static PairedDifference of(Collection<Double> differences) {
    if (differences.isEmpty()) {
      throw new IllegalArgumentException("no pairs");
    }
    SummaryStatistics statistics = new SummaryStatistics();
    differences.forEach(statistics::addValue);
    int pairs = differences.size();
    if (pairs == 1) {
      return new PairedDifference(1, statistics.getMean(), Double.POSITIVE_INFINITY);
    }
    double quantile =
        new TDistribution(pairs - 1).inverseCumulativeProbability(0.5 + CONFIDENCE / 2);
    return new PairedDifference(
        pairs,
        statistics.getMean(),
        quantile * statistics.getStandardDeviation() / Math.sqrt(pairs));
  }

  double low() {
    return mean - margin;
  }

  double high() {
    return mean + margin;
  }

  /** A difference is shown where the interval lies on one side of 0. */
  Verdict verdict() {
    if (pairs == 1) {
      return Verdict.CANNOT_TELL;
    }
    if (high() < 0) {
      return Verdict.BETTER;
    }
    return low() > 0 ? Verdict.WORSE : Verdict.NO_DIFFERENCE_SHOWN;
  }
}
