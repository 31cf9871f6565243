package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialEnding;

/**
 * How soon each search of conf/ptb-search.conf finds a loss like that of the published grid's best
 * cell, from the recorded losses of its candidates: the table of docs/results/ptb-search.md.
 */
class PtbSearchTest {

  private static final String PTB = "ptb-480bf77ac2939f90";
  private static final double BEST_OF_THE_GRID = 4.9924;
  private static final double WITHIN = 0.005;
  private static final Map<String, String> STOPPING =
      Map.of("none", "{kind=none}", "halving", "{kind=successive-halving,min-epochs=3,factor=2}");

  private final Map<String, double[]> losses = new HashMap<>();

  /** What a search has come to with the candidates that were trained. */
  private enum State {
    FOUND("found"),
    NOT_FOUND("not found"),
    NOT_YET("not yet"); // the next candidate was not trained, or not far enough

    private final String words;

    State(String words) {
      this.words = words;
    }
  }

  private record Search(int candidates, int epochs, double lowest, State state) {

    String row(String kind, String stopping) {
      return String.format(
          Locale.ROOT,
          "| %s | %s | %d | %d | %.3f | %s |",
          kind,
          stopping,
          candidates,
          epochs,
          lowest,
          state.words);
    }
  }

  @BeforeEach
  void lossesOfBothSweeps() {
    ResultsStore store = new ResultsStore(LocalSpark.session(), "../docs/results/ptb-search");
    losses.putAll(store.validLosses("ptb-search"));
    losses.putAll(store.validLosses("ptb-search-sobol"));
  }

  @Test
  void thePageHasWhatEachSearchHasFoundByNow() throws IOException {
    List<String> rows;
    try (Stream<String> page = Files.lines(Path.of("../docs/results/ptb-search.md"))) {
      rows = page.filter(line -> line.matches("\\| (random|sobol|tpe) \\|.*")).toList();
    }
    List<String> expected = new ArrayList<>();
    for (String row : rows) {
      String[] cells = row.split(" \\| ", -1);
      String kind = cells[0].substring(2);
      expected.add(search(kind, STOPPING.get(cells[1])).row(kind, cells[1]));
    }
    assertThat(rows).isNotEmpty().isEqualTo(expected);
  }

  /** One candidate after the other. */
  private Search search(String kind, String stopping) {
    SweepConfig config =
        SweepConfig.load(
            Path.of("../conf/ptb-search.conf"),
            List.of(
                "sweep.corpus.path=folder",
                "sweep.search.kind=" + kind,
                "sweep.stopping=" + stopping));
    SearchSource source = new SearchSource(config, PTB);
    Rungs rungs = new Rungs(config.stopping().rule(), List.of());
    Search search = new Search(0, 0, Double.POSITIVE_INFINITY, State.NOT_FOUND);
    while (search.state() == State.NOT_FOUND && source.hasNext()) {
      PlannedTrial trial = source.next();
      rungs.enter(trial);
      double[] curve = losses.getOrDefault(trial.id(), new double[0]);
      int epochs = 0;
      double lowest = Double.POSITIVE_INFINITY;
      boolean found = false;
      while (epochs < curve.length && !found && rungs.stop(trial.id()).isEmpty()) {
        lowest = Math.min(lowest, curve[epochs]);
        found = lowest <= BEST_OF_THE_GRID + WITHIN;
        epochs++;
        rungs.reached(trial.id(), Arrays.copyOf(curve, epochs));
      }
      boolean stopped = rungs.stop(trial.id()).isPresent();
      if (!found && !stopped && epochs < trial.spec().training().epochs()) {
        return new Search(search.candidates(), search.epochs(), search.lowest(), State.NOT_YET);
      }
      search =
          new Search(
              search.candidates() + 1,
              search.epochs() + epochs,
              Math.min(search.lowest(), lowest),
              found ? State.FOUND : State.NOT_FOUND);
      if (!stopped) {
        rungs.ended(trial.id());
      }
      TrialStatus status = stopped ? TrialStatus.STOPPED : TrialStatus.COMPLETED;
      source.ended(new TrialEnding(trial.id(), status, epochs, lowest));
    }
    return search;
  }
}
