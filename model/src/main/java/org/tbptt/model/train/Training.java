package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * How a network is trained.
 *
 * @param epochs passes over the training stream, at least 1
 * @param batchSize B, the columns that each stream is cut into, at least 1
 * @param updateEvery u, the steps of a window after which the optimiser steps, 0 or more; it
 *     divides T; 0 stands for T, one step per window
 * @param optimizer what turns gradients into updates
 * @param momentum mu of the optimiser momentum, in [0, 1); without effect on the others
 * @param rmsDecay rho of the optimiser rmsprop, in [0, 1); without effect on the others
 * @param learningRate the optimiser's rate at the start, more than 0
 * @param schedule how the rate falls
 * @param normalisation what the recurrent gradients are divided by
 * @param clipNorm theta in g <- min(1, theta/|g|) g over all parameters together; 0 clips nothing
 * @param engine what computes a step
 * @param precision the arithmetic
 */
public record Training(
    int epochs,
    int batchSize,
    int updateEvery,
    Optimizer optimizer,
    double momentum,
    double rmsDecay,
    double learningRate,
    Schedule schedule,
    Normalisation normalisation,
    double clipNorm,
    EngineChoice engine,
    Precision precision)
    implements java.io.Serializable {

  public Training {
    requireNonNull(schedule, "schedule");
    requireNonNull(normalisation, "normalisation");
    requireNonNull(engine, "engine");
    requireNonNull(precision, "precision");
    engine.check(precision);
    if (epochs < 1) {
      throw new InvalidSettingException("epochs", epochs, "must be at least 1");
    }
    if (batchSize < 1) {
      throw new InvalidSettingException("batch-size", batchSize, "must be at least 1");
    }
    if (!(learningRate > 0 && Double.isFinite(learningRate))) {
      throw new InvalidSettingException(
          "learning-rate", learningRate, "must be a finite number more than 0");
    }
    new UpdateRule(optimizer, momentum, rmsDecay, clipNorm, updateEvery); // checks them
  }

  /** How gradients become updates. */
  public UpdateRule update() {
    // One computation is one kind of state, whichever way it was asked for.
    boolean unmoved = optimizer == Optimizer.MOMENTUM && momentum == 0;
    return new UpdateRule(
        unmoved ? Optimizer.SGD : optimizer, momentum, rmsDecay, clipNorm, updateEvery);
  }

  /** The same in another precision. */
  public Training in(Precision other) {
    return new Training(
        epochs,
        batchSize,
        updateEvery,
        optimizer,
        momentum,
        rmsDecay,
        learningRate,
        schedule,
        normalisation,
        clipNorm,
        engine,
        other);
  }
}
