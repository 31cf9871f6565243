package org.tbptt.model.core;

import org.tbptt.model.truncation.Truncation;

/** Configurations for tests: a plain one, and the same with one thing changed. */
public final class CoreConfigs {

  private CoreConfigs() {}

  /** Tanh, no dropout, plain gradient descent, means, single precision. */
  public static CoreConfig of(RnnShape shape, Truncation truncation) {
    RnnModel model =
        new RnnModel(
            Cell.TANH, shape.hidden(), shape.embedding(), 1, Initialiser.GLOROT, Carry.STATE);
    return new CoreConfig(
        shape.vocabulary(),
        shape.batch(),
        shape.steps(),
        model,
        truncation,
        UpdateRule.of(Optimizer.SGD),
        Normalisation.MEAN,
        Precision.FP32);
  }

  public static CoreConfig with(CoreConfig config, Cell cell, double keepProb, Carry carry) {
    RnnModel model = config.model();
    return new CoreConfig(
        config.vocabulary(),
        config.batchSize(),
        config.steps(),
        new RnnModel(cell, model.stateSize(), model.embedSize(), keepProb, model.init(), carry),
        config.truncation(),
        config.update(),
        config.normalisation(),
        config.precision());
  }

  public static CoreConfig with(CoreConfig config, UpdateRule update) {
    return new CoreConfig(
        config.vocabulary(),
        config.batchSize(),
        config.steps(),
        config.model(),
        config.truncation(),
        update,
        config.normalisation(),
        config.precision());
  }

  public static CoreConfig with(CoreConfig config, Normalisation normalisation) {
    return new CoreConfig(
        config.vocabulary(),
        config.batchSize(),
        config.steps(),
        config.model(),
        config.truncation(),
        config.update(),
        normalisation,
        config.precision());
  }

  /** As it is, but for clipping. */
  public static CoreConfig clipping(CoreConfig config, double clipNorm) {
    UpdateRule update = config.update();
    return with(
        config,
        new UpdateRule(
            update.optimizer(), update.momentum(), update.rmsDecay(), clipNorm, update.every()));
  }

  /** As it is, but for the steps between updates. */
  public static CoreConfig updatingEvery(CoreConfig config, int steps) {
    UpdateRule update = config.update();
    return with(
        config,
        new UpdateRule(
            update.optimizer(), update.momentum(), update.rmsDecay(), update.clipNorm(), steps));
  }
}
