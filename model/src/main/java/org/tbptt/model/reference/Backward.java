package org.tbptt.model.reference;

import java.util.EnumMap;
import java.util.Map;
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
  Map<Parameter, INDArray> gradients(History history, Segment segment, double recurrentScale) {
    // Output layer: every loss, all at once.
    INDArray dLogits = toLogits();
    Map<Parameter, INDArray> gradients = new EnumMap<>(Parameter.class);
    gradients.put(Parameter.SOFTMAX, network.times(forward.y().transpose(), dLogits));
    gradients.put(Parameter.SOFTMAX_BIAS, dLogits.sum(true, 0));

    // Recurrent layer: g is dloss/d(pre-activation), summed over the lags that errors travel.
    Timeline timeline =
        Timeline.of(network, history, segment.historySteps(), window.inputs(), forward);
    INDArray g = passes(timeline, segment).total(toStates(dLogits)).muli(recurrentScale);
    gradients.put(Parameter.RECURRENT, recurrent(network, timeline.x(), timeline.r(), g));
    gradients.put(Parameter.RECURRENT_BIAS, g.sum(true, 0));
    gradients.put(Parameter.EMBEDDING, embedding(timeline, g));
    return gradients;
  }

  /** The lag norms of a pass with k1 = 1. */
  LagNorms lags(History history, Segment segment) {
    Timeline timeline =
        Timeline.of(network, history, segment.historySteps(), window.inputs(), forward);
    LagMeter meter = new LagMeter(network, timeline, window.targets(), forward.counted(), segment);
    passes(timeline, segment).byLag(toStates(toLogits()), meter);
    return meter.norms();
  }

  /** dW: [x ; r]^T g, (E+H,H). */
  static INDArray recurrent(Network network, INDArray x, INDArray r, INDArray g) {
    return Nd4j.vstack(network.times(x.transpose(), g), network.times(r.transpose(), g));
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

  /** e_t = dloss/dh_t by way of the output layer of step t, (T*B,H). */
  private INDArray toStates(INDArray dLogits) {
    return forward
        .masks()
        .onOutput(network.times(dLogits, network.of(Parameter.SOFTMAX).transpose()));
  }

  private BackwardPasses passes(Timeline timeline, Segment segment) {
    return new BackwardPasses(network, timeline, network.derivative(timeline.h()), segment);
  }

  /** The rows of (g W_x^T) * inputMask, each added to the row of its word; padding has none. */
  private INDArray embedding(Timeline timeline, INDArray g) {
    INDArray dx = network.times(g, network.inputWeights().transpose());
    if (timeline.inputMask() != null) {
      dx.muli(timeline.inputMask());
    }
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
