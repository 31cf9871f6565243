package org.tbptt.model.core;

import java.util.SortedMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.truncation.Truncation;

/** Configurations for tests: a plain one, and the same with one thing changed. */
public final class CoreConfigs {

  private CoreConfigs() {}

  /** Tanh, no dropout, plain gradient descent, means, single precision. */
  public static CoreConfig of(RnnShape shape, Truncation truncation) {
    RnnModel model = model(shape, Initialiser.GLOROT);
    return of(shape.vocabulary(), shape.batch(), model, truncation, shape.steps());
  }

  static CoreConfig of(
      int vocabulary, int batch, RnnModel model, Truncation truncation, int steps) {
    return new CoreConfig(
        vocabulary,
        batch,
        steps,
        model,
        truncation,
        UpdateRule.of(Optimizer.SGD),
        Normalisation.MEAN,
        Precision.FP32);
  }

  /** Parameters of a network of that shape, freshly drawn. */
  public static SortedMap<Parameter, INDArray> parameters(
      RnnShape shape, Initialiser init, long seed, DataType type) {
    return Parameters.initial(model(shape, init), shape, seed, type);
  }

  private static RnnModel model(RnnShape shape, Initialiser init) {
    return new RnnModel(
        shape.cell(),
        shape.layers(),
        shape.hidden(),
        shape.embedding(),
        1,
        init,
        0.1,
        1,
        Carry.STATE);
  }

  public static CoreConfig with(CoreConfig config, Cell cell, double keepProb, Carry carry) {
    RnnModel model = config.model();
    return new CoreConfig(
        config.vocabulary(),
        config.batchSize(),
        config.steps(),
        new RnnModel(
            cell,
            model.layers(),
            model.stateSize(),
            model.embedSize(),
            keepProb,
            model.init(),
            model.initScale(),
            model.forgetBias(),
            carry),
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
