package org.tbptt.model.baseline;

import static java.util.Objects.requireNonNull;

/**
 * A model without a network, and how well it predicts.
 *
 * @param model its name, such as "bigram"
 * @param validLoss on the validation stream, nats per token; all tokens but the first are predicted
 * @param testLoss the same on the test stream
 */
public record Baseline(String model, double validLoss, double testLoss) {

  public Baseline {
    requireNonNull(model, "model");
  }
}
