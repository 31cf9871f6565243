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
                "no baselines: n-grams of %,d tokens may need a heap of %,d MB, there are %,d MB;"
                    + " --driver-memory gives more",
                plan.corpus().train().tokens(),
                needed >> 20,
                heap >> 20));
  }

  /** Computes them, a few seconds for a million tokens; none if nobody wants them. */
  public static List<Baseline> of(Plan plan) {
    return wanted(plan) && problem(plan).isEmpty() ? Baselines.of(plan.corpus()) : List.of();
  }

  /** Adds them to the sweep's tables, unless they are there. */
  static void store(Plan plan, ResultsStore results) {
    String sweep = plan.config().name();
    String corpus = plan.corpus().id();
    if (wanted(plan) && problem(plan).isEmpty() && !results.hasBaselines(sweep, corpus)) {
      results.putBaselines(sweep, corpus, of(plan));
    }
  }

  private static boolean wanted(Plan plan) {
    return plan.config().baselines() && Baselines.apply(plan.corpus());
  }
}
