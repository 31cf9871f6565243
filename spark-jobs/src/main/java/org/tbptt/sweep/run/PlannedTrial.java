package org.tbptt.sweep.run;

import java.io.Serializable;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialSpec;

/**
 * A trial of the grid on a corpus.
 *
 * @param id what it is known by in the tables
 * @param label what tells it from the sweep's other trials, for people
 */
public record PlannedTrial(String id, TrialSpec spec, String label) implements Serializable {

  /**
   * Multiplications of one training run, roughly: what longest-first goes by. Forward and backward
   * are three products of each size; each lag after the first is one more with the state's matrix.
   */
  double work(Corpus corpus) {
    double vocabulary = corpus.vocabulary().size();
    double state = spec.model().stateSize();
    double embedding = spec.model().embedSize();
    boolean oneSweep = spec.truncation().reachesWindowStart();
    double lags = oneSweep ? 1 : spec.truncation().bpttSteps() - 1;
    double perToken =
        3 * state * vocabulary + 2 * (embedding + state) * state + lags * state * state;
    // The optimiser visits every parameter once per window, and starting operations takes time too.
    double perWindow = 1e7 + 10 * (vocabulary * (state + embedding) + (embedding + state) * state);
    double tokens = (double) spec.training().epochs() * corpus.train().tokens();
    double windows = tokens / (spec.training().batchSize() * spec.truncation().seqLen());
    return tokens * perToken + windows * perWindow;
  }
}
