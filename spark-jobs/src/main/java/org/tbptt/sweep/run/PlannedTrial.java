package org.tbptt.sweep.run;

import java.io.Serializable;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.WindowSource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialWindows;
import org.tbptt.model.truncation.Truncation;

/**
 * A trial of the grid, or a search's candidate, on a corpus.
 *
 * @param id what it is known by in the tables
 * @param label what tells it from the sweep's other trials, for people
 * @param candidate its index in the search, from 0; null in a grid
 */
public record PlannedTrial(String id, TrialSpec spec, String label, Integer candidate)
    implements Serializable {

  /** Of a grid. */
  public PlannedTrial(String id, TrialSpec spec, String label) {
    this(id, spec, label, null);
  }

  /** Tokens of one training run, all epochs together: whole windows only. */
  public long tokens(Corpus corpus) {
    return TrialWindows.of(spec, corpus, corpus.train()).tokens() * spec.training().epochs();
  }

  /**
   * Multiplications of one training run, roughly: what longest-first goes by. Forward and backward
   * are three products of each size; each lag after the first is one more with the states' matrices
   * for every k1-th step, and steps of history have a gradient of the recurrent layer as well.
   */
  double work(Corpus corpus) {
    Truncation truncation = spec.truncation();
    WindowSource train = TrialWindows.of(spec, corpus, corpus.train());
    double vocabulary = corpus.vocabulary().size();
    RnnModel model = spec.model();
    double state = model.stateSize();
    double embedding = model.embedSize();
    double gates = model.cell().gates() * state;
    double above = model.layers() - 1; // layers whose input is a state
    double recurrent = (embedding + state + above * 2 * state) * gates;
    double lag = (model.layers() + above) * state * gates;
    double lags = Math.max(1, (double) (deepest(truncation) - 1) / truncation.injectEvery());
    double history = (double) truncation.historySteps() / train.longestWindow();
    double perToken = 3 * state * vocabulary + (2 + history) * recurrent + lags * lag;
    // Starting a window's operations takes time, and at an update every parameter is visited.
    double perWindow = 1e7;
    double perUpdate = 1e6 + 10 * (vocabulary * (state + embedding) + recurrent);
    int every = spec.training().updateEvery();
    double updates = every == 0 ? 1 : (double) train.longestWindow() / every;
    return spec.training().epochs()
        * (train.tokens() * perToken + train.windows() * (perWindow + updates * perUpdate));
  }

  /** The most steps that an error may come to go back. */
  private static int deepest(Truncation truncation) {
    return truncation.longestBpttSteps();
  }
}
