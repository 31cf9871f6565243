package org.tbptt.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tbptt.model.core.Precision;

/**
 * What taking all errors one step further back costs, where the recurrence dominates: the time that
 * n lags take more than one, over n-1.
 *
 * @param lags n
 * @param milliseconds of one product
 * @param gflops of one product
 * @param shareOfPeak part of the fp32 peak
 */
record LagProduct(int lags, double milliseconds, double gflops, double shareOfPeak) {

  /** For n = 10 and n = 50; empty if one of them was not measured. */
  static List<LagProduct> of(Contest contest) {
    Optional<Series> none = contest.result("native", Precision.FP32, Workloads.SMALL_1);
    List<LagProduct> products = new ArrayList<>();
    for (Workload workload : List.of(Workloads.SMALL_10, Workloads.SMALL_50)) {
      Optional<Series> some = contest.result("native", Precision.FP32, workload);
      if (none.isPresent() && some.isPresent()) {
        double seconds = some.get().medianSeconds() - none.get().medianSeconds();
        double gflops = workload.backwardOperations() / seconds * 1e-9;
        int lags = workload.truncation().bpttSteps();
        products.add(
            new LagProduct(
                lags, 1e3 * seconds / (lags - 1), gflops, gflops / contest.peak().fp32()));
      }
    }
    return products;
  }
}
