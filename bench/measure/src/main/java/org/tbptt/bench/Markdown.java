package org.tbptt.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report as tables to read. */
final class Markdown {

  private final StringBuilder text = new StringBuilder();

  private Markdown() {}

  static String of(Report report) {
    Markdown markdown = new Markdown();
    markdown.head(report);
    markdown.rows(report);
    markdown.bars(report);
    markdown.recurrence(report);
    markdown.phases(report);
    return markdown.text.toString();
  }

  private void head(Report report) {
    line(
        "%s, one thread. Probed peaks: fp32 %.1f GFLOP/s, bf16 %.1f GFLOP/s. %d rounds, turns of %.1f s.",
        report.processor(),
        report.peak().fp32(),
        report.peak().bf16(),
        report.rounds(),
        report.turnSeconds());
    line(
        "%s",
        report.versions().entrySet().stream()
            .map(version -> version.getKey() + " " + version.getValue())
            .collect(Collectors.joining("; ", "Versions: ", ".")));
    line("");
  }

  private void rows(Report report) {
    heading(
        "engine", "precision", "workload", "tokens/s", "best", "ms/window", "GFLOP/s", "of peak");
    for (Report.ReportRow row : report.rows()) {
      line(
          "| %s | %s | %s%s | %.0f | %.0f | %.3f | %.1f | %s |",
          row.engine(),
          row.precision(),
          row.workload(),
          row.disturbedTurns() > 0 ? " (busy: " + row.disturbedTurns() + ")" : "",
          row.medianTokensPerSecond(),
          row.bestTokensPerSecond(),
          row.medianMillisecondsPerWindow(),
          row.gflops(),
          row.shareOfPeak() > 0 ? number(100 * row.shareOfPeak(), 1) + "%" : "-");
    }
    report
        .notMeasured()
        .forEach((what, why) -> line("| %s | | not available: %s | | | | | |", what, why));
    line("");
  }

  private void bars(Report report) {
    heading("what", "bar", "measured", "");
    for (Bar bar : report.bars()) {
      line(
          "| %s | %s %s%s | %s | %s |",
          bar.what(),
          bar.atMost() ? "<=" : ">=",
          number(bar.required(), 2),
          bar.unit(),
          bar.measured() == null ? "-" : measured(bar),
          bar.verdict());
    }
    line("");
  }

  private void recurrence(Report report) {
    if (!report.lagProducts().isEmpty()) {
      heading("V=50 E=50 H=256 B=32 T=100", "ms per lag product", "GFLOP/s", "of peak");
      for (LagProduct product : report.lagProducts()) {
        line(
            "| true, n=%d | %.3f | %.1f | %.1f%% |",
            product.lags(), product.milliseconds(), product.gflops(), 100 * product.shareOfPeak());
      }
      line("");
    }
    if (!report.memories().isEmpty()) {
      heading("memory of one trial outside the heap, fp32", "plan, MB", "measured, MB");
      for (TrialMemory memory : report.memories()) {
        line(
            "| %s | %.1f | %.1f |",
            memory.workload(), memory.plannedBytes() * 1e-6, memory.residentBytes() * 1e-6);
      }
      line("");
    }
  }

  private void phases(Report report) {
    if (report.phases().isEmpty()) {
      return;
    }
    List<String> names = List.copyOf(report.phases().get(0).milliseconds().keySet());
    line("| ms | %s |", String.join(" | ", names));
    line("|---|%s", "---:|".repeat(names.size()));
    for (Phases phases : report.phases()) {
      line(
          "| %s | %s |",
          phases.workload(),
          phases.milliseconds().values().stream()
              .map(milliseconds -> number(milliseconds, 3))
              .collect(Collectors.joining(" | ")));
    }
  }

  private static String measured(Bar bar) {
    boolean ratio = bar.required() < 10;
    return number(bar.measured(), ratio ? 3 : 1) + bar.unit();
  }

  private void heading(String... names) {
    line("| %s |", String.join(" | ", names));
    line("|%s", "---|".repeat(names.length));
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }

  /** At most so many decimals, none that say nothing. */
  private static String number(double value, int decimals) {
    String digits = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits;
  }
}
