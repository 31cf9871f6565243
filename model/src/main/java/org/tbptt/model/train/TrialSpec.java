package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.truncation.Truncation;

/**
 * One point of the grid and one seed: everything, beside the corpus, that decides a trial's
 * numbers.
 *
 * @param truncation how far errors go back
 * @param model the network
 * @param training how it is trained
 * @param seed the key of every random number of the trial
 */
public record TrialSpec(Truncation truncation, RnnModel model, Training training, long seed)
    implements Serializable {

  public TrialSpec {
    requireNonNull(truncation, "truncation");
    requireNonNull(model, "model");
    requireNonNull(training, "training");
  }
}
