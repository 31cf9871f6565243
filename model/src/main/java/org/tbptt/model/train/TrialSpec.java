package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.Truncation;

/**
 * One point of the grid with its seed: everything except the corpus that decides a trial's numbers.
 *
 * @param truncation how far errors go back
 * @param model the network
 * @param training how it is trained
 * @param diagnostics what is measured during training
 * @param seed the random seed: the key of all the random numbers of the trial
 */
public record TrialSpec(
    Truncation truncation, RnnModel model, Training training, Diagnostics diagnostics, long seed)
    implements Serializable {

  /**
   * @throws IllegalArgumentException if the optimiser's updates, the style and the normalisation
   *     cannot be combined
   */
  public TrialSpec {
    requireNonNull(truncation, "truncation");
    requireNonNull(model, "model");
    requireNonNull(training, "training");
    requireNonNull(diagnostics, "diagnostics");
    training.update().check(truncation, training.normalisation());
    if (truncation.allowedBias().isPresent() && !diagnostics.on()) {
      throw new InvalidSettingException(
          "diagnostics.windows",
          0,
          "must be at least 1 for style = adaptive, which chooses bptt-steps from these"
              + " measurements");
    }
    training
        .engine()
        .wanted()
        .check(
            truncation, model, training.update(), training.normalisation(), diagnostics.windows());
  }

  /** A trial without diagnostics. */
  public TrialSpec(Truncation truncation, RnnModel model, Training training, long seed) {
    this(truncation, model, training, Diagnostics.OFF, seed);
  }

  /**
   * The configuration of its core.
   *
   * @param vocabulary V
   * @param steps T of the longest window
   */
  CoreConfig core(int vocabulary, int steps) {
    return new CoreConfig(
        vocabulary,
        training.batchSize(),
        steps,
        model,
        truncation,
        training.update(),
        training.normalisation(),
        training.precision());
  }

  /** The draws of a training window; both numbers as {@link Draws} has them. */
  Draws draws(int epoch, int window) {
    return Draws.of(model.keepProb(), truncation.linkKeep(), seed, epoch, window);
  }
}
