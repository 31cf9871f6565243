package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.Truncation;

/**
 * One point of the grid and one seed: everything, beside the corpus, that decides a trial's
 * numbers.
 *
 * @param truncation how far errors go back
 * @param model the network
 * @param training how it is trained
 * @param diagnostics what is measured meanwhile
 * @param seed the key of every random number of the trial
 */
public record TrialSpec(
    Truncation truncation, RnnModel model, Training training, Diagnostics diagnostics, long seed)
    implements Serializable {

  public TrialSpec {
    requireNonNull(truncation, "truncation");
    requireNonNull(model, "model");
    requireNonNull(training, "training");
    requireNonNull(diagnostics, "diagnostics");
    training.update().check(truncation, training.normalisation());
    if (truncation instanceof AdaptiveStyle && !diagnostics.on()) {
      throw new IllegalArgumentException(
          "diagnostics.windows = 0: must be at least 1 for style = adaptive, which chooses"
              + " bptt-steps by what is measured on them");
    }
    if (training.engine() == EngineChoice.DL4J) {
      Dl4jLimits.check(truncation, model, training, diagnostics);
    }
  }

  /** A trial of which nothing is measured beside its losses. */
  public TrialSpec(Truncation truncation, RnnModel model, Training training, long seed) {
    this(truncation, model, training, Diagnostics.OFF, seed);
  }
}
