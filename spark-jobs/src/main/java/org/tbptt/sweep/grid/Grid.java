package org.tbptt.sweep.grid;

import static java.util.Comparator.comparing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.train.TrialDiagnostics;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialWindows;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;

/**
 * The trials of a sweep. Trials and merged points together are all points of the grid; of a search
 * they are the corners of its space, between which its candidates are.
 *
 * @param trials in the order of the conf file, no two of them the same computation
 * @param labels the settings in which each differs from the others: "tf bptt-steps=5 seq-len=5"
 * @param merged the other points
 */
public record Grid(List<TrialSpec> trials, List<String> labels, List<Merged> merged) {

  /** Of points that are the same computation, the one with the plainest style is trained. */
  private static final List<String> PLAINEST_FIRST =
      List.of("tf", "full", "true", "interval", "random", "sentence", "adaptive");

  public Grid {
    trials = List.copyOf(trials);
    labels = List.copyOf(labels);
    merged = List.copyOf(merged);
  }

  /**
   * Multiplies the axes out.
   *
   * @throws InvalidConfException when a point of the grid is impossible
   */
  public static Grid expand(SweepConfig config) {
    Map<String, List<Point>> computations = new LinkedHashMap<>();
    for (Point point : Point.all(config)) {
      computations.computeIfAbsent(point.computation(), c -> new ArrayList<>()).add(point);
    }
    List<TrialSpec> trials = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    List<Merged> merged = new ArrayList<>();
    for (List<Point> same : computations.values()) {
      Point kept =
          same.stream()
              .min(
                  comparing((Point p) -> p.spec().truncation().history())
                      .thenComparing(p -> PLAINEST_FIRST.indexOf(p.spec().truncation().style()))
                      .thenComparing(p -> p.spec().truncation().toString())
                      .thenComparing(p -> p.spec().training().updateEvery()))
              .orElseThrow();
      trials.add(kept.spec());
      labels.add(kept.label());
      same.remove(kept);
      same.forEach(point -> merged.add(Merged.of(point, kept)));
    }
    return new Grid(trials, labels, merged);
  }

  /** The number of points before equal ones are merged. */
  public int points() {
    return trials.size() + merged.size();
  }

  /**
   * Checks that each stream of the corpus has at least one window for every trial, and one held
   * window if there are diagnostics.
   *
   * @throws InvalidConfException otherwise, naming the stream and the settings
   */
  public void checkAgainst(Corpus corpus) {
    for (TrialSpec trial : trials) {
      checkWindows("training", corpus, corpus.train(), trial);
      checkWindows("validation", corpus, corpus.valid(), trial);
      checkWindows("test", corpus, corpus.test(), trial);
      checkDiagnostics(corpus, trial);
    }
  }

  private static void checkWindows(
      String stream, Corpus corpus, TokenStream tokens, TrialSpec trial) {
    try {
      TrialWindows.of(trial, corpus, tokens);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfException(
          trial.truncation().carriesState()
              ? "sweep.training.batch-size, sweep.grid.truncation: the "
                  + stream
                  + " stream is too short: "
                  + e.getMessage()
              : "sweep.grid.style = " + trial.truncation().style() + ": " + e.getMessage());
    }
  }

  private static void checkDiagnostics(Corpus corpus, TrialSpec trial) {
    if (!trial.diagnostics().on()) {
      return;
    }
    try {
      TrialDiagnostics.probe(trial, trial.truncation(), trial.diagnostics(), corpus);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfException("sweep.diagnostics: " + e.getMessage());
    }
  }
}
