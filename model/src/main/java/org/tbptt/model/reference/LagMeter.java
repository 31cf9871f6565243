package org.tbptt.model.reference;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Segment;

/** Measures errors on their way back, for {@link LagNorms}. */
final class LagMeter implements BackwardPasses.LagListener {

  private final Network network;
  private final Timeline timeline;
  private final int[] targets;
  private final long counted;
  private final Segment segment;
  private final LagNorms norms;

  /**
   * @param targets (T,B)
   * @param counted the number that the errors were divided by
   */
  LagMeter(Network network, Timeline timeline, int[] targets, long counted, Segment segment) {
    this.network = network;
    this.timeline = timeline;
    this.targets = targets;
    this.counted = counted;
    this.segment = segment;
    int lags = segment.reach();
    this.norms = new LagNorms(new double[lags], new double[lags], new double[lags]);
  }

  LagNorms norms() {
    return norms;
  }

  @Override
  public void lag(int lag, int first, INDArray toStates, List<INDArray> toActivations) {
    // In double, because squares of small floats are 0.
    INDArray sizes = toStates.castTo(DataType.DOUBLE).norm2(1);
    double sum = 0;
    int losses = 0;
    for (int row = 0; row < sizes.length(); row++) {
      if (targets[first * network.shape().batch() + row] >= 0) {
        sum += sizes.getDouble(row) * counted;
        losses++;
      }
    }
    norms.phi()[lag] = losses == 0 ? 0 : sum / losses;

    int from = timeline.historySteps() + first - lag;
    int to = timeline.historySteps() + segment.steps() - lag;
    for (int i = 0; i < toActivations.size(); i++) {
      LayerSteps steps = timeline.layers().get(i);
      INDArray weights =
          Backward.weights(
                  network,
                  network.steps(steps.u(), from, to),
                  network.steps(steps.previous(), from, to),
                  toActivations.get(i))
              .castTo(DataType.DOUBLE);
      norms.weightL1()[lag] += weights.norm1Number().doubleValue();
      norms.weightL2()[lag] =
          Math.hypot(norms.weightL2()[lag], weights.norm2Number().doubleValue());
    }
  }
}
