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
 * A training step that is measured, always with Adam. A single tanh layer is r2rt's network, with
 * its post-dropout carry.
 *
 * @param name in the report
 * @param vocabulary V
 * @param embedding E
 * @param cell of each recurrent layer
 * @param layers L
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
    Cell cell,
    int layers,
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
   * addition being two: with N = T B and G gates, the softmax's three products 6 N H V; for each
   * layer with inputs of size I the recurrence and its weights' gradient 4 N (I+H) G H; the
   * gradient of the first layer's input 2 N E G H; and {@link #backwardOperations}. Masks,
   * activations, exp and the optimiser are not counted.
   */
  double operations() {
    double tokens = tokens();
    double gates = (double) cell.gates() * hidden;
    double inputs = embedding + (layers - 1.0) * hidden;
    return 6 * tokens * hidden * vocabulary
        + 4 * tokens * (inputs + (double) layers * hidden) * gates
        + 2 * tokens * embedding * gates
        + backwardOperations();
  }

  /**
   * The part of {@link #operations} that takes errors back in time and down to the layer below. One
   * backward pass goes back T-1 steps, and down at each of its T; by lags, the product of lag k has
   * B (T-k) rows.
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
    double rowsDown = truncation.reachesWindowStart() ? tokens() : tokens() + rows;
    return 2 * (rows * layers + rowsDown * (layers - 1)) * cell.gates() * hidden * hidden;
  }

  /** Whether it is r2rt's: its carry is defined for one layer without gates. */
  private boolean isPlain() {
    return layers == 1 && !cell.isGated();
  }

  CoreConfig config(Precision precision) {
    RnnModel plain =
        new RnnModel(cell, hidden, embedding, keep, Initialiser.UNIFORM_UNIT_SCALING, Carry.STATE);
    RnnModel model =
        isPlain()
            ? plain.carrying(Carry.POST_DROPOUT)
            : new RnnModel(
                cell,
                layers,
                hidden,
                embedding,
                keep,
                plain.init(),
                plain.initScale(),
                plain.forgetBias(),
                Carry.STATE);
    return new CoreConfig(
        vocabulary,
        batch,
        truncation.seqLen(),
        model,
        truncation,
        UpdateRule.of(Optimizer.ADAM),
        isPlain() ? Normalisation.R2RT : Normalisation.MEAN,
        precision);
  }
}
