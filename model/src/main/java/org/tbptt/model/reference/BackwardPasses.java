package org.tbptt.model.reference;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Segment;

/**
 * How errors go back in time: from e_t, what the output layer sends to h_t, to the sum over all
 * passes of dloss/d(pre-activation of step s).
 *
 * <p>Indices of steps are those of a {@link Timeline}: row (Q+s)*B+b is step s, negative in
 * history.
 *
 * @param network for W_h and B
 * @param timeline the steps
 * @param derivative D, the derivative of the cell at each step ((Q+T)*B,H)
 * @param segment which errors are injected in which segment, and how far they go
 */
record BackwardPasses(Network network, Timeline timeline, INDArray derivative, Segment segment) {

  /** Receives each lag, from 0 on, of a pass with k1 = 1. */
  interface LagListener {
    /**
     * The errors of steps first..T-1 have reached steps first-lag..T-1-lag.
     *
     * @param toStates dloss_t/dh_{t-lag} ((T-first)*B,H)
     * @param toActivations the same before f: multiplied by D
     */
    void lag(int lag, int first, INDArray toStates, INDArray toActivations);
  }

  /**
   * The sum over all passes, ((Q+T)*B,H).
   *
   * @param e dloss_t/dh_t from the output layer (T*B,H)
   */
  INDArray total(INDArray e) {
    return segment.injectEvery() == 1 ? byLag(e, (lag, first, h, a) -> {}) : byPass(e);
  }

  /**
   * Pass by pass, as the styles are defined: with end its newest step, the k1 errors end-k1+1 ..
   * end go back to max(-Q, end-n+1).
   */
  INDArray byPass(INDArray e) {
    INDArray total = network.zeros(derivative.rows(), derivative.columns());
    for (int end = segment.injectEvery() - 1; end < segment.steps(); end += segment.injectEvery()) {
      int last = Math.max(-history(), end - segment.reach() + 1);
      INDArray error = network.zeros(network.shape().batch(), network.shape().hidden());
      for (int s = end; s >= last; s--) {
        if (s < end) {
          error = back(error, s, s + 1);
        }
        if (s > end - segment.injectEvery()) {
          error.addi(network.step(e, s));
        }
        error.muli(at(derivative, s, s + 1));
        at(total, s, s + 1).addi(error);
      }
    }
    return total;
  }

  /**
   * The same for k1 = 1, lag by lag: at lag k, row s of the block is the error that the loss at
   * step s+k has at step s. One product moves the whole block one step further back.
   */
  INDArray byLag(INDArray e, LagListener listener) {
    INDArray total = network.zeros(derivative.rows(), derivative.columns());
    INDArray errors = null;
    int firstOfErrors = 0;
    for (int lag = 0; lag < segment.reach() && lag < history() + segment.steps(); lag++) {
      int first = Math.max(0, lag - history()); // errors of earlier steps would go past the history
      int from = first - lag;
      int to = segment.steps() - lag;
      INDArray toStates =
          lag == 0
              ? e
              : back(
                  network.steps(errors, first - firstOfErrors, segment.steps() - firstOfErrors),
                  from,
                  to);
      errors = toStates.mul(at(derivative, from, to));
      firstOfErrors = first;
      at(total, from, to).addi(errors);
      listener.lag(lag, first, toStates, errors);
    }
    return total;
  }

  /** Errors of the steps from+1..to, sent one step back: to h of the steps from..to-1. */
  private INDArray back(INDArray errors, int from, int to) {
    INDArray sent = network.times(errors, network.stateWeights().transpose());
    return timeline.link() == null ? sent : sent.muli(at(timeline.link(), from, to));
  }

  private int history() {
    return timeline.historySteps();
  }

  /** Steps from..to-1 of an array over the timeline: a view. */
  private INDArray at(INDArray rows, int from, int to) {
    return network.steps(rows, history() + from, history() + to);
  }
}
