package org.tbptt.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * The turns of one row, one per round. Turns on a busy machine count only if there are no others.
 */
final class Series {

  private final Row row;
  private final List<Measured> turns = new ArrayList<>();

  Series(Row row) {
    this.row = row;
  }

  /**
   * One turn.
   *
   * @param secondsPerWindow mean over the turn's windows
   * @param peak probed right before and after it, the higher one
   * @param quiet whether peaks and the machine's processor time say that nothing else ran
   */
  record Measured(double secondsPerWindow, Peak peak, boolean quiet) {}

  Row row() {
    return row;
  }

  void add(Measured turn) {
    turns.add(turn);
  }

  double medianSeconds() {
    return median(Measured::secondsPerWindow);
  }

  double bestSeconds() {
    return values(Measured::secondsPerWindow).min().orElseThrow();
  }

  double medianTokensPerSecond() {
    return row.workload().tokens() / medianSeconds();
  }

  double bestTokensPerSecond() {
    return row.workload().tokens() / bestSeconds();
  }

  /** GFLOP/s of the operations that the equations need. */
  double gflops() {
    return row.workload().operations() / medianSeconds() * 1e-9;
  }

  /**
   * Part of the peak of the row's precision that was probed around the same turn; 0 without one.
   */
  double shareOfPeak() {
    return median(
        turn -> {
          double peak = turn.peak().of(row.precision());
          double gflops = row.workload().operations() / turn.secondsPerWindow() * 1e-9;
          return peak == 0 ? 0 : gflops / peak;
        });
  }

  /** Turns that other work disturbed. */
  long disturbed() {
    return turns.stream().filter(turn -> !turn.quiet()).count();
  }

  private double median(ToDoubleFunction<Measured> value) {
    double[] sorted = values(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private DoubleStream values(ToDoubleFunction<Measured> value) {
    boolean anyQuiet = turns.stream().anyMatch(Measured::quiet);
    return turns.stream().filter(turn -> turn.quiet() || !anyQuiet).mapToDouble(value);
  }
}
