package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.corpus.Window;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.Truncation;

/**
 * What an engine needs to know to compute the steps of one trial.
 *
 * @param vocabulary V, at least 1
 * @param batchSize B, at least 1
 * @param steps T; for windows of sentences the length of the longest
 * @param model the network
 * @param truncation how far errors go back
 * @param update how gradients become updates
 * @param normalisation what the gradients of Emb, W and b are divided by
 * @param precision the arithmetic of the large products
 */
public record CoreConfig(
    int vocabulary,
    int batchSize,
    int steps,
    RnnModel model,
    Truncation truncation,
    UpdateRule update,
    Normalisation normalisation,
    Precision precision) {

  /**
   * @throws IllegalArgumentException if steps is not the T of a truncation that has one
   */
  public CoreConfig {
    requireNonNull(model, "model");
    requireNonNull(truncation, "truncation");
    requireNonNull(update, "update");
    requireNonNull(normalisation, "normalisation");
    requireNonNull(precision, "precision");
    if (truncation.carriesState() && steps != truncation.seqLen()) {
      throw new IllegalArgumentException(
          "a core of T = %d was asked for with seq-len = %d".formatted(steps, truncation.seqLen()));
    }
    update.check(truncation, normalisation);
  }

  public RnnShape shape() {
    return model.shape(vocabulary, batchSize, steps);
  }

  /**
   * What the gradient of the mean loss with respect to Emb, W and b is multiplied by: T/n under
   * {@link Normalisation#R2RT}, else 1.
   *
   * @param bpttSteps n in use
   */
  public double recurrentScale(int bpttSteps) {
    return switch (normalisation) {
      case MEAN, BATCH -> 1;
      case R2RT -> (double) steps / bpttSteps;
    };
  }

  /**
   * What the gradient of the mean loss with respect to every matrix is multiplied by: the losses of
   * a column under {@link Normalisation#BATCH}, else 1.
   *
   * @param counted losses that the mean is over
   */
  public double gradientScale(long counted) {
    return switch (normalisation) {
      case MEAN, R2RT -> 1;
      case BATCH -> (double) counted / batchSize;
    };
  }

  /** Whether n may change between windows. */
  boolean isAdaptive() {
    return truncation.allowedBias().isPresent();
  }

  /**
   * Checks a new n.
   *
   * @throws UnsupportedOperationException if the style's n is fixed
   * @throws IllegalArgumentException if it is not from 1 to T
   */
  public void checkBpttSteps(long bpttSteps) {
    if (!isAdaptive()) {
      throw new UnsupportedOperationException(
          "style = %s has a fixed bptt-steps = %d"
              .formatted(truncation.style(), truncation.bpttSteps()));
    }
    if (bpttSteps < 1 || bpttSteps > steps) {
      throw new InvalidSettingException(
          "bptt-steps", bpttSteps, "must be from 1 to seq-len = " + steps);
    }
  }

  /** The same configuration in another precision. */
  public CoreConfig in(Precision other) {
    return new CoreConfig(
        vocabulary, batchSize, steps, model, truncation, update, normalisation, other);
  }

  /**
   * Checks the size of a window.
   *
   * @throws IllegalArgumentException if it is not of this size; one of sentences may be shorter
   */
  public void check(Window window) {
    boolean tooLong = window.steps() > steps;
    boolean tooShort = window.steps() < steps && truncation.carriesState();
    if (tooLong || tooShort || window.columns() != batchSize) {
      throw new IllegalArgumentException(
          "a window of T = %d, B = %d was given to a core of T = %d, B = %d"
              .formatted(window.steps(), window.columns(), steps, batchSize));
    }
  }
}
