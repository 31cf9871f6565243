package org.tbptt.bench;

import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.truncation.Truncation;

/**
 * A training step that is measured: r2rt's network (tanh, Adam, post-dropout carry) in some size.
 *
 * @param name in the report
 * @param vocabulary V
 * @param embedding E
 * @param hidden H
 * @param batch B
 * @param truncation how far errors go back, and T
 * @param keep what dropout keeps
 * @param gradientsOnly no optimiser step
 */
record Workload(
    String name,
    int vocabulary,
    int embedding,
    int hidden,
    int batch,
    Truncation truncation,
    double keep,
    boolean gradientsOnly) {

  static final double LEARNING_RATE = 0.001;

  int steps() {
    return truncation.seqLen();
  }

  /** T*B: tokens of a window. */
  int tokens() {
    return steps() * batch;
  }

  /**
   * Floating-point operations of a window, as the equations need them, a multiplication and an
   * addition being two: with N = T B, the softmax's three products 6 N H V, the recurrence and its
   * weights' gradient 4 N (E+H) H, the gradient of the cell's input 2 N E H, and 2 B H H for every
   * step that an error goes back. Masks, tanh, exp and the optimiser are not counted.
   */
  double operations() {
    double tokens = tokens();
    return 6 * tokens * hidden * vocabulary
        + 4 * tokens * (embedding + hidden) * hidden
        + 2 * tokens * embedding * hidden
        + backwardOperations();
  }

  /**
   * The part of {@link #operations} that takes errors back in time. One backward pass goes back T-1 steps;
   * by lags, the product of lag k has B (T-k) rows.
   */
  double backwardOperations() {
    double rows = 0;
    if (truncation.reachesWindowStart()) {
      rows = (double) batch * (steps() - 1);
    } else {
      for (int lag = 1; lag < truncation.bpttSteps(); lag++) {
        rows += (double) batch * (steps() - lag);
      }
    }
    return 2 * rows * hidden * hidden;
  }

  CoreConfig config(Precision precision) {
    RnnModel model =
        new RnnModel(
            Cell.TANH,
            hidden,
            embedding,
            keep,
            Initialiser.UNIFORM_UNIT_SCALING,
            Carry.POST_DROPOUT);
    return new CoreConfig(
        vocabulary,
        batch,
        truncation.seqLen(),
        model,
        truncation,
        UpdateRule.of(Optimizer.ADAM),
        Normalisation.R2RT,
        precision);
  }
}
