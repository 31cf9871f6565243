package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;

/**
 * How a network is trained.
 *
 * @param epochs passes over the training stream, at least 1
 * @param batchSize B, the columns that each stream is cut into, at least 1
 * @param optimizer what turns gradients into updates
 * @param learningRate the optimiser's rate, more than 0
 * @param normalisation what the recurrent gradients are divided by
 * @param clipNorm theta in g <- min(1, theta/|g|) g over all parameters together; 0 clips nothing
 * @param engine what computes a step
 * @param precision the arithmetic
 */
public record Training(
    int epochs,
    int batchSize,
    Optimizer optimizer,
    double learningRate,
    Normalisation normalisation,
    double clipNorm,
    EngineChoice engine,
    Precision precision)
    implements java.io.Serializable {

  public Training {
    requireNonNull(optimizer, "optimizer");
    requireNonNull(normalisation, "normalisation");
    requireNonNull(engine, "engine");
    requireNonNull(precision, "precision");
    if (engine == EngineChoice.ND4J && precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "precision = %s: engine = nd4j has only fp32; native has all"
              .formatted(precision.name().toLowerCase(Locale.ROOT)));
    }
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs = " + epochs + ": must be at least 1");
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch-size = " + batchSize + ": must be at least 1");
    }
    if (!(learningRate > 0 && Double.isFinite(learningRate))) {
      throw new IllegalArgumentException(
          "learning-rate = " + learningRate + ": must be a finite number more than 0");
    }
    if (!(clipNorm >= 0 && Double.isFinite(clipNorm))) {
      throw new IllegalArgumentException(
          "clip-norm = " + clipNorm + ": must be a finite number, 0 (no clipping) or more");
    }
  }
}
