package org.tbptt.model.reference;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.Masks;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.corpus.Window;

/**
 * The reference engine's forward pass over T steps: the results that a backward pass needs.
 *
 * @param x masked inputs (T*B,E)
 * @param r previous states (T*B,H): the initial state, then all but the last h
 * @param h states (T*B,H)
 * @param y masked outputs (T*B,H)
 * @param softmax probabilities (T*B,V)
 * @param masks the masks used
 * @param lossSum sum of the counted losses, nats
 * @param counted targets that are not padding
 */
record Forward(
    INDArray x,
    INDArray r,
    INDArray h,
    INDArray y,
    INDArray softmax,
    Masks masks,
    double lossSum,
    long counted) {

  /**
   * @param state (B,H), the state before the first step
   */
  static Forward over(Network network, Window window, Masks masks, INDArray state) {
    INDArray x = masks.onInput(embeddings(network, window.inputs()));
    INDArray h =
        network
            .times(x, network.inputWeights())
            .addiRowVector(network.of(Parameter.RECURRENT_BIAS));
    INDArray r = network.matrix(h.rows(), h.columns());
    INDArray previous = state;
    for (int t = 0; t < window.steps(); t++) {
      network.step(r, t).assign(previous);
      INDArray h_t = network.step(h, t);
      h_t.addi(network.times(previous, network.stateWeights()));
      network.activate(h_t);
      previous = h_t;
    }
    INDArray y = masks.onOutput(h);
    INDArray logits =
        network
            .times(y, network.of(Parameter.SOFTMAX))
            .addiRowVector(network.of(Parameter.SOFTMAX_BIAS));
    double lossSum = softmaxCrossEntropy(logits, window.targets());
    return new Forward(x, r, h, y, logits, masks, lossSum, counted(window.targets()));
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
