package org.tbptt.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tbptt.bench.Contestant.Turn;
import org.tbptt.model.core.Precision;

/**
 * The rounds: in each of them every contestant has one turn, so that a slow minute is everyone's.
 */
final class Contest {

  /** How often a turn is repeated when the machine was busy. */
  private static final int ATTEMPTS = 4;

  /** Until code is compiled and memory was touched; libtorch needs most of them at T = 40. */
  private static final int WARM_UP_WINDOWS = 12;

  /** The part of a processor that others may have had during a quiet turn. */
  private static final double OTHERS = 0.05;

  /** The clock of {@link ProcessorTime} may be off by this, in seconds. */
  private static final double TICKS = 0.02;

  private final double turnSeconds;
  private final Map<Row, Series> results = new LinkedHashMap<>();
  private final Map<Row, String> failures = new LinkedHashMap<>();
  private Peak peak = Peak.NONE;

  Contest(double turnSeconds) {
    this.turnSeconds = turnSeconds;
  }

  void run(List<Contestant> contestants, int rounds) {
    for (Contestant contestant : contestants) {
      System.err.println("warming up " + contestant.row());
      attempt(contestant, () -> warmUp(contestant));
    }
    for (int round = 1; round <= rounds; round++) {
      System.err.printf("round %d of %d%n", round, rounds);
      for (Contestant contestant : contestants) {
        Row row = contestant.row();
        attempt(
            contestant, () -> results.computeIfAbsent(row, Series::new).add(measure(contestant)));
      }
    }
  }

  private void warmUp(Contestant contestant) {
    for (int window = 0; window < WARM_UP_WINDOWS; window++) {
      contestant.run(0);
    }
    contestant.run(turnSeconds);
  }

  /** A contestant that failed once is left out from then on. */
  private void attempt(Contestant contestant, Runnable action) {
    if (failures.containsKey(contestant.row())) {
      return;
    }
    try {
      action.run();
    } catch (RuntimeException failed) {
      results.remove(contestant.row());
      failures.put(contestant.row(), failed.getMessage());
      System.err.println(contestant.row() + ": " + failed.getMessage());
    }
  }

  /**
   * The first quiet turn: the peaks right before and after it are near the highest seen, and no
   * other work ran meanwhile. If there is none, the fastest, marked as disturbed.
   */
  private Series.Measured measure(Contestant contestant) {
    Series.Measured fastest = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double busy = -ProcessorTime.busySeconds();
      double elapsed = -1e-9 * System.nanoTime();
      Peak before = Peak.probe();
      Turn turn = contestant.run(turnSeconds);
      Peak after = Peak.probe();
      busy += ProcessorTime.busySeconds();
      elapsed += 1e-9 * System.nanoTime();
      Peak around = before.max(after);
      peak = peak.max(around);
      boolean alone = busy <= elapsed * (1 + OTHERS) + TICKS;
      boolean quiet = alone && before.asQuietAs(peak) && after.asQuietAs(peak);
      if (quiet) {
        return new Series.Measured(turn.secondsPerWindow(), around, true);
      }
      if (fastest == null || turn.secondsPerWindow() < fastest.secondsPerWindow()) {
        fastest = new Series.Measured(turn.secondsPerWindow(), around, false);
      }
    }
    return fastest;
  }

  /** The highest seen. */
  Peak peak() {
    return peak;
  }

  List<Series> results() {
    return List.copyOf(results.values());
  }

  Optional<Series> result(String engine, Precision precision, Workload workload) {
    return Optional.ofNullable(results.get(new Row(engine, precision, workload)));
  }

  /** Rows that could not be measured, and why. */
  Map<Row, String> failures() {
    return failures;
  }
}
