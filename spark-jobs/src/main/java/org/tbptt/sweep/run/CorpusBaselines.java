package org.tbptt.sweep.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tbptt.model.baseline.Baseline;
import org.tbptt.model.baseline.Baselines;
import org.tbptt.sweep.results.ResultsStore;

/** The baselines of a plan's corpus: what its losses are compared with. */
public final class CorpusBaselines {

  private CorpusBaselines() {}

  /** Why they cannot be computed, in one line; empty if they can, or if nobody wants them. */
  public static Optional<String> problem(Plan plan) {
    if (!wanted(plan)) {
      return Optional.empty();
    }
    long needed = Baselines.heapBytes(plan.corpus());
    long heap = Runtime.getRuntime().maxMemory();
    return needed <= heap
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "no baselines: n-grams of %,d tokens may need a heap of %,d MB, this process has %,d MB;"
                    + " --driver-memory gives more, sweep.baselines = false leaves them out",
                plan.corpus().train().tokens(),
                needed >> 20,
                heap >> 20));
  }

  /**
   * Those that the sweep's tables have, or else computed, which takes a few seconds for a million
   * tokens; none if nobody wants them or there is a {@link #problem}.
   */
  public static List<Baseline> of(Plan plan, ResultsStore results) {
    if (!wanted(plan) || problem(plan).isPresent()) {
      return List.of();
    }
    List<Baseline> stored = results.baselines(plan.config().name(), plan.corpus().id());
    return stored.isEmpty() ? Baselines.of(plan.corpus()) : stored;
  }

  /** Adds them to the sweep's tables, unless they are there. */
  static void store(Plan plan, ResultsStore results) {
    String sweep = plan.config().name();
    String corpus = plan.corpus().id();
    // Not by the file's name: it may be cut off.
    if (wanted(plan) && results.baselines(sweep, corpus).isEmpty()) {
      List<Baseline> baselines = of(plan, results);
      if (!baselines.isEmpty()) {
        results.putBaselines(sweep, corpus, baselines);
      }
    }
  }

  private static boolean wanted(Plan plan) {
    return plan.config().baselines() && Baselines.apply(plan.corpus());
  }
}
