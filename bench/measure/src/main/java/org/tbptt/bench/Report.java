package org.tbptt.bench;

import java.util.List;
import java.util.Map;

/**
 * All that was measured, as it goes into the files.
 *
 * @param processor its name
 * @param versions of what was measured, by engine
 * @param peak the highest seen in any round
 * @param rounds how many
 * @param turnSeconds length of a turn
 * @param rows one per engine, precision and workload
 * @param notMeasured rows or engines that were not to be had, and why
 * @param bars what the core was to reach
 * @param lagProducts of the small vocabulary
 * @param memories of trials
 * @param phases of a step
 */
record Report(
    String processor,
    Map<String, String> versions,
    Peak peak,
    int rounds,
    double turnSeconds,
    List<ReportRow> rows,
    Map<String, String> notMeasured,
    List<Bar> bars,
    List<LagProduct> lagProducts,
    List<TrialMemory> memories,
    List<Phases> phases) {

  /** A {@link Series} in numbers. */
  record ReportRow(
      String engine,
      String precision,
      String workload,
      double medianTokensPerSecond,
      double bestTokensPerSecond,
      double medianMillisecondsPerWindow,
      double bestMillisecondsPerWindow,
      double gflops,
      double shareOfPeak,
      long disturbedTurns) {

    static ReportRow of(Series series) {
      return new ReportRow(
          series.row().engine(),
          series.row().precisionName(),
          series.row().workload().name(),
          series.medianTokensPerSecond(),
          series.bestTokensPerSecond(),
          1e3 * series.medianSeconds(),
          1e3 * series.bestSeconds(),
          series.gflops(),
          series.shareOfPeak(),
          series.disturbed());
    }
  }
}
