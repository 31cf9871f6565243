package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.truncation.Truncation;

/**
 * What an engine needs to know to compute the steps of one trial.
 *
 * @param vocabulary V, at least 1
 * @param batchSize B, at least 1
 * @param model the network
 * @param truncation how far errors go back
 * @param optimizer what turns gradients into updates
 * @param learningRate the optimiser's rate
 * @param normalisation what the gradients of Emb, W and b are divided by
 * @param clipNorm theta in g <- min(1, theta/|g|) g; 0 clips nothing
 * @param precision the arithmetic of the softmax's products
 */
public record CoreConfig(
    int vocabulary,
    int batchSize,
    RnnModel model,
    Truncation truncation,
    Optimizer optimizer,
    double learningRate,
    Normalisation normalisation,
    double clipNorm,
    Precision precision) {

  public CoreConfig {
    requireNonNull(model, "model");
    requireNonNull(truncation, "truncation");
    requireNonNull(optimizer, "optimizer");
    requireNonNull(normalisation, "normalisation");
    requireNonNull(precision, "precision");
  }

  public RnnShape shape() {
    return new RnnShape(
        vocabulary, model.embedSize(), model.stateSize(), batchSize, truncation.seqLen());
  }

  /**
   * What the gradient of the mean loss with respect to Emb, W and b is multiplied by: T/n under
   * {@link Normalisation#R2RT}, else 1.
   */
  public double recurrentScale() {
    return switch (normalisation) {
      case MEAN -> 1;
      case R2RT -> (double) truncation.seqLen() / truncation.bpttSteps();
    };
  }
}
