package org.tbptt.bench;

import static org.tbptt.bench.Workloads.TF_20;
import static org.tbptt.bench.Workloads.TF_40;
import static org.tbptt.model.core.Precision.BF16;
import static org.tbptt.model.core.Precision.FP32;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tbptt.model.core.Precision;

/** What the core was to reach, and what it reached in this contest, by medians. */
final class Bars {

  private final Contest contest;
  private final List<Bar> bars = new ArrayList<>();

  private Bars(Contest contest) {
    this.contest = contest;
  }

  static List<Bar> of(Contest contest, List<TrialMemory> memories) {
    Bars bars = new Bars(contest);
    bars.arithmetic();
    bars.truncation();
    bars.gates();
    bars.surroundings();
    bars.memory(memories);
    return bars.bars;
  }

  private void arithmetic() {
    add(
        Bar.atLeast(
            "fp32, tf 20: part of the fp32 peak",
            80,
            "%",
            contest.result("native", FP32, TF_20).map(series -> 100 * series.shareOfPeak())));
    faster("fp32, tf 20: against libtorch fp32", 2.3, "libtorch", FP32, FP32, TF_20);
    for (Workload workload : List.of(TF_20, TF_40)) {
      String bf16 = "bf16, " + workload.name();
      faster(bf16 + ": against libtorch bf16 autocast", 7, "libtorch", BF16, BF16, workload);
      faster(bf16 + ": against fp32", 4, "native", BF16, FP32, workload);
    }
  }

  private void truncation() {
    for (Precision precision : List.of(FP32, BF16)) {
      boolean single = precision == FP32;
      String name = single ? "fp32, " : "bf16, ";
      styles(name, 0.96, precision, Workloads.TRUE_5_OF_20, TF_20);
      styles(name, single ? 0.92 : 0.90, precision, Workloads.TRUE_20_OF_40, TF_40);
    }
    add(
        Bar.atMost(
            "r2rt's timing test: time of true / time of tf",
            1.2,
            "",
            seconds(FP32, Workloads.TIMING_TRUE, Workloads.TIMING_TF)));
    List<LagProduct> lags = LagProduct.of(contest);
    add(
        Bar.atMost(
            "V=50 H=256: time of a lag product, n=50 / n=10",
            1,
            "",
            lags.size() < 2
                ? Optional.empty()
                : Optional.of(lags.get(1).milliseconds() / lags.get(0).milliseconds())));
  }

  /** Layers with gates beside libtorch's own, and what truncation by lags costs them. */
  private void gates() {
    add(
        Bar.atLeast(
            "fp32, lstm 2x200: part of the fp32 peak",
            72,
            "%",
            contest
                .result("native", FP32, Workloads.LSTM_200)
                .map(series -> 100 * series.shareOfPeak())));
    gates(Workloads.LSTM_200, 1.5, 3);
    gates(Workloads.LSTM_650, 1.25, 2.5);
    gates(Workloads.LSTM_CHAR, 1.25, 1.5);
    gates(Workloads.GRU_200, 1.6, 3);
    lags(Workloads.LSTM_200_TRUE, Workloads.LSTM_200);
    lags(Workloads.LSTM_CHAR_TRUE, Workloads.LSTM_CHAR);
  }

  private void gates(Workload workload, double fp32, double bf16) {
    String name = workload.name();
    faster("fp32, " + name + ": against libtorch fp32", fp32, "libtorch", FP32, FP32, workload);
    faster(
        "bf16, " + name + ": against libtorch bf16 autocast",
        bf16,
        "libtorch",
        BF16,
        BF16,
        workload);
  }

  /** Speed of lag products beside one pass, as a part of what their operations allow. */
  private void lags(Workload lags, Workload pass) {
    double allowed = pass.operations() / lags.operations();
    add(
        Bar.atLeast(
            "fp32, %s against %s, of what its operations allow".formatted(lags.name(), pass.name()),
            0.9,
            "x",
            seconds(FP32, pass, lags).map(ratio -> ratio / allowed)));
  }

  private void surroundings() {
    faster("from Java against C++, fp32, tf 20", 0.98, "c++", FP32, FP32, TF_20);
    faster("from Java against C++, bf16, tf 20", 0.98, "c++", BF16, BF16, TF_20);
  }

  private void memory(List<TrialMemory> memories) {
    for (TrialMemory memory : memories) {
      String name = "memory of a trial outside the heap, fp32, " + memory.workload();
      if (memory.workload().equals(Workloads.TF_40.name())) {
        add(Bar.atMost(name, 150, "MB", Optional.of(memory.residentBytes() * 1e-6)));
      }
      add(Bar.atMost(name + ": off from plan", 10, "%", Optional.of(memory.deviation())));
    }
  }

  private void add(Bar bar) {
    bars.add(bar);
  }

  /** Tokens per second of the native core over those of another. */
  private void faster(
      String what,
      double required,
      String other,
      Precision precision,
      Precision otherPrecision,
      Workload workload) {
    Optional<Double> ratio =
        contest
            .result("native", precision, workload)
            .flatMap(
                mine ->
                    contest
                        .result(other, otherPrecision, workload)
                        .map(theirs -> theirs.medianSeconds() / mine.medianSeconds()));
    add(Bar.atLeast(what, required, "x", ratio));
  }

  private void styles(
      String name, double required, Precision precision, Workload lags, Workload pass) {
    String what = name + lags.name() + " against " + pass.name();
    add(Bar.atLeast(what, required, "x", seconds(precision, pass, lags)));
  }

  /** Time of one over time of the other. */
  private Optional<Double> seconds(Precision precision, Workload over, Workload under) {
    return contest
        .result("native", precision, over)
        .flatMap(
            numerator ->
                contest
                    .result("native", precision, under)
                    .map(denominator -> numerator.medianSeconds() / denominator.medianSeconds()));
  }
}
