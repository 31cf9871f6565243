package org.tbptt.model.reference;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Segment;
import org.tbptt.model.corpus.Window;

/** The reference engine's backward pass: from a forward pass to the gradients of its mean loss. */
final class Backward {

  private final Network network;
  private final Window window;
  private final Forward forward;

  /**
   * @param forward the pass over that window; its probabilities are overwritten
   */
  Backward(Network network, Window window, Forward forward) {
    this.network = network;
    this.window = window;
    this.forward = forward;
  }

  /**
   * @param recurrentScale what the gradients of Emb, W and b are multiplied by
   */
  SortedMap<Parameter, INDArray> gradients(
      History history, Segment segment, double recurrentScale) {
    // Output layer: every loss, all at once.
    INDArray dLogits = toLogits();
    SortedMap<Parameter, INDArray> gradients = new TreeMap<>();
    gradients.put(Parameter.SOFTMAX, network.times(forward.y().transpose(), dLogits));
    gradients.put(Parameter.SOFTMAX_BIAS, dLogits.sum(true, 0));

    // Recurrent layers: g is dloss/da, summed over the lags that errors travel.
    Timeline timeline =
        Timeline.of(network, history, segment.historySteps(), window.inputs(), forward);
    List<INDArray> totals = new BackwardPasses(network, timeline, segment).total(toStates(dLogits));
    for (int layer = 1; layer <= totals.size(); layer++) {
      INDArray g = totals.get(layer - 1).muli(recurrentScale);
      LayerSteps steps = timeline.layers().get(layer - 1);
      gradients.put(Parameter.recurrent(layer), weights(network, steps.u(), steps.previous(), g));
      gradients.put(Parameter.recurrentBias(layer), g.sum(true, 0));
    }
    gradients.put(Parameter.EMBEDDING, embedding(timeline, totals.get(0)));
    return gradients;
  }

  /** The lag norms of a pass with k1 = 1. */
  LagNorms lags(History history, Segment segment) {
    Timeline timeline =
        Timeline.of(network, history, segment.historySteps(), window.inputs(), forward);
    LagMeter meter = new LagMeter(network, timeline, window.targets(), forward.counted(), segment);
    new BackwardPasses(network, timeline, segment).byLag(toStates(toLogits()), meter);
    return meter.norms();
  }

  /** dW of a layer: [u ; h']^T g, (in+H, G H). */
  static INDArray weights(Network network, INDArray u, INDArray previous, INDArray g) {
    return Nd4j.vstack(
        network.times(u.transpose(), network.cell().toInput(g)),
        network.times(previous.transpose(), network.cell().toState(g)));
  }

  /** dloss/dlogits = (softmax - target) / counted, and 0 where the target is padding. (T*B,V). */
  private INDArray toLogits() {
    INDArray dLogits = forward.softmax();
    int[] targets = window.targets();
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] < 0) {
        dLogits.getRow(row).assign(0);
        continue;
      }
      long element = (long) row * dLogits.columns() + targets[row];
      dLogits.data().put(element, dLogits.data().getDouble(element) - 1);
    }
    return dLogits.divi(Math.max(forward.counted(), 1));
  }

  /** e_t = dloss/dh_t of the last layer by way of the output layer of step t, (T*B,H). */
  private INDArray toStates(INDArray dLogits) {
    return forward
        .masks()
        .on(
            network.shape().layers(),
            network.times(dLogits, network.of(Parameter.SOFTMAX).transpose()));
  }

  /** The rows of (g W_x^T) * inputMask, each added to the row of its word; padding has none. */
  private INDArray embedding(Timeline timeline, INDArray g) {
    INDArray dx = network.toInput(1, g, timeline.layers().get(0).mask());
    int[] words = timeline.tokens().clone();
    for (int row = 0; row < words.length; row++) {
      if (words[row] < 0) {
        words[row] = 0;
        dx.getRow(row).assign(0);
      }
    }
    INDArray dEmbedding = network.zeros(network.shape().vocabulary(), network.shape().embedding());
    Nd4j.exec(
        DynamicCustomOp.builder("scatter_add")
            .addInputs(dEmbedding, Nd4j.createFromArray(words), dx)
            .addOutputs(dEmbedding)
            .build());
    return dEmbedding;
  }
}
