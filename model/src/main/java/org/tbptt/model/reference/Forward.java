package org.tbptt.model.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Masks;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.corpus.Window;

/**
 * The reference engine's forward pass over T steps: the results that a backward pass needs.
 *
 * @param layers from the first one up
 * @param h states of the last layer (T*B,H)
 * @param y the same masked (T*B,H)
 * @param state after the last step, by name
 * @param softmax probabilities (T*B,V)
 * @param masks the masks used
 * @param lossSum sum of the counted losses, nats
 * @param counted targets that are not padding
 */
record Forward(
    List<LayerSteps> layers,
    INDArray h,
    INDArray y,
    Map<String, INDArray> state,
    INDArray softmax,
    Masks masks,
    double lossSum,
    long counted) {

  /**
   * @param state what the first step gets from the one before, by name, (B,H) each
   */
  static Forward over(Network network, Window window, Masks masks, Map<String, INDArray> state) {
    List<LayerSteps> layers = new ArrayList<>();
    Map<String, INDArray> after = new TreeMap<>();
    INDArray y = masks.on(0, embeddings(network, window.inputs()));
    INDArray h = null;
    for (int layer = 1; layer <= network.shape().layers(); layer++) {
      INDArray u = y;
      INDArray mask = masks.layers().isEmpty() ? null : masks.layers().get(layer - 1);
      h = network.matrix(u.rows(), network.shape().hidden());
      layers.add(steps(network, layer, u, mask, h, state, after));
      y = masks.on(layer, h);
    }
    INDArray logits =
        network
            .times(y, network.of(Parameter.SOFTMAX))
            .addiRowVector(network.of(Parameter.SOFTMAX_BIAS));
    double lossSum = softmaxCrossEntropy(logits, window.targets());
    return new Forward(layers, h, y, after, logits, masks, lossSum, counted(window.targets()));
  }

  /** All steps of one layer; fills its states h and the state after the last one. */
  private static LayerSteps steps(
      Network network,
      int layer,
      INDArray u,
      INDArray mask,
      INDArray h,
      Map<String, INDArray> state,
      Map<String, INDArray> after) {
    INDArray fromInput = network.fromInput(layer, u);
    INDArray previous = network.matrix(h.rows(), h.columns());
    boolean keepsMore = network.shape().cell().isGated(); // else h is all that is kept
    INDArray kept =
        keepsMore ? network.matrix(h.rows(), CoreState.keptColumns(network.shape())) : h;
    INDArray previousH = state.get(CoreState.hidden(layer));
    INDArray previousC = state.get(CoreState.cell(layer));
    for (int t = 0; t < h.rows() / network.shape().batch(); t++) {
      network.step(previous, t).assign(previousH);
      RecurrentCell.Step step =
          network
              .cell()
              .forward(
                  network.step(fromInput, t),
                  network.fromState(layer, previousH),
                  previousH,
                  previousC);
      network.step(h, t).assign(step.h());
      if (keepsMore) {
        network.step(kept, t).assign(step.kept());
      }
      previousH = step.h();
      previousC = step.c();
    }
    after.put(CoreState.hidden(layer), previousH);
    if (previousC != null) {
      after.put(CoreState.cell(layer), previousC);
    }
    return new LayerSteps(u, mask, previous, kept);
  }

  /** Nats per token; 0 where no target is counted. */
  double meanLoss() {
    return counted == 0 ? 0 : lossSum / counted;
  }

  /** Emb[token], (T*B,E); padding is zeros. */
  private static INDArray embeddings(Network network, int[] tokens) {
    int[] rows = tokens.clone();
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Math.max(tokens[row], 0);
    }
    INDArray embeddings = Nd4j.pullRows(network.of(Parameter.EMBEDDING), 1, rows, 'c');
    for (int row = 0; row < rows.length; row++) {
      if (tokens[row] < 0) {
        embeddings.getRow(row).assign(0);
      }
    }
    return embeddings;
  }

  /** Turns logits (T*B,V) into probabilities in place; returns the sum of -log p(target). */
  private static double softmaxCrossEntropy(INDArray logits, int[] targets) {
    logits.subiColumnVector(logits.max(true, 1)); // so that exp cannot overflow
    double shiftedTargets = 0;
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] >= 0) {
        shiftedTargets += logits.data().getDouble((long) row * logits.columns() + targets[row]);
      }
    }
    Transforms.exp(logits, false);
    INDArray sums = logits.sum(true, 1);
    logits.diviColumnVector(sums);
    double logSums = 0;
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] >= 0) {
        logSums += Math.log(sums.getDouble(row));
      }
    }
    return logSums - shiftedTargets;
  }

  private static long counted(int[] targets) {
    long counted = 0;
    for (int target : targets) {
      counted += target >= 0 ? 1 : 0;
    }
    return counted;
  }
}
