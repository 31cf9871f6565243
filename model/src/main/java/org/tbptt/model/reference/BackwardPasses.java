package org.tbptt.model.reference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.reference.RecurrentCell.StepErrors;

/**
 * How errors go back in time: from e_t, what the output layer sends to h_t of the last layer, to
 * the sum over all passes of dloss/da of each layer and step. Within a step errors go from the last
 * layer down to the first; a pass reaches all layers of the steps down to its first one.
 *
 * <p>Indices of steps are those of a {@link Timeline}: row (Q+s)*B+b is step s, negative in
 * history.
 *
 * @param timeline the steps
 * @param segment which errors are injected in which pass, and how far they go
 */
record BackwardPasses(Network network, Timeline timeline, Segment segment) {

  /** Receives each lag, from 0 on, of a pass with k1 = 1. */
  interface LagListener {
    /**
     * The errors of steps first..T-1 have reached steps first-lag..T-1-lag.
     *
     * @param toStates dloss_t/d state of step t-lag, as far as it arrives from the step after, side
     *     by side ((T-first)*B, a multiple of H); at lag 0 from the output layer
     * @param toActivations dloss_t/da of step t-lag, a matrix for each layer
     */
    void lag(int lag, int first, INDArray toStates, List<INDArray> toActivations);
  }

  /**
   * The sum over all passes, for each layer a matrix of (Q+T)*B rows.
   *
   * @param e dloss_t/dh_t from the output layer (T*B,H)
   */
  List<INDArray> total(INDArray e) {
    return segment.injectEvery() == 1 ? byLag(e, (lag, first, h, a) -> {}) : byPass(e);
  }

  /**
   * Pass after pass, as the styles are defined: with end its newest step, the k1 errors end-k1+1 ..
   * end go back to max(-Q, end-n+1).
   */
  List<INDArray> byPass(INDArray e) {
    List<INDArray> total = zeros();
    for (int end = segment.injectEvery() - 1; end < segment.steps(); end += segment.injectEvery()) {
      int last = Math.max(-history(), end - segment.reach() + 1);
      List<StepErrors> errors = List.of();
      for (int s = end; s >= last; s--) {
        Map<String, INDArray> arriving = s == end ? Map.of() : back(errors, s, s + 1);
        INDArray injected = s > end - segment.injectEvery() ? network.step(e, s) : null;
        errors = through(arriving, injected, s, s + 1);
        add(errors, total, s, s + 1);
      }
    }
    return total;
  }

  /**
   * The same for k1 = 1, by lag and not by loss: at lag k the block holds, at step s, what the loss
   * at step s+k sends there; one product per layer takes all of it one step further back.
   */
  List<INDArray> byLag(INDArray e, LagListener listener) {
    List<INDArray> total = zeros();
    List<StepErrors> errors = List.of();
    int firstOfErrors = 0;
    for (int lag = 0; lag < segment.reach() && lag < history() + segment.steps(); lag++) {
      int first = Math.max(0, lag - history()); // errors of earlier steps would go past the history
      int from = first - lag;
      int to = segment.steps() - lag;
      Map<String, INDArray> arriving = Map.of();
      if (lag > 0) {
        int dropped = first - firstOfErrors;
        arriving = back(errors.stream().map(of -> without(of, dropped)).toList(), from, to);
      }
      errors = through(arriving, lag == 0 ? e : null, from, to);
      firstOfErrors = first;
      add(errors, total, from, to);
      listener.lag(
          lag,
          first,
          lag == 0 ? e : Nd4j.hstack(arriving.values().toArray(INDArray[]::new)),
          errors.stream().map(StepErrors::activations).toList());
    }
    return total;
  }

  /**
   * Errors of the steps from+1..to, sent one step back: to the state of the steps from..to-1, by
   * the name of its matrix.
   */
  private Map<String, INDArray> back(List<StepErrors> errors, int from, int to) {
    Map<String, INDArray> arriving = new TreeMap<>();
    for (int layer = 1; layer <= errors.size(); layer++) {
      StepErrors of = errors.get(layer - 1);
      INDArray h =
          network.times(
              network.cell().toState(of.activations()), network.stateWeights(layer).transpose());
      if (of.h() != null) {
        h.addi(of.h());
      }
      arriving.put(CoreState.hidden(layer), linked(h, from, to));
      if (of.c() != null) {
        arriving.put(CoreState.cell(layer), linked(of.c().dup('c'), from, to));
      }
    }
    return arriving;
  }

  private INDArray linked(INDArray sent, int from, int to) {
    return timeline.link() == null ? sent : sent.muli(at(timeline.link(), from, to));
  }

  /**
   * Errors on the states of the steps from..to-1, sent through these steps' cells from the last
   * layer down.
   *
   * @param arriving from the step after, by state; nothing at first
   * @param injected what the output layer sends, or null
   * @return for each layer
   */
  private List<StepErrors> through(
      Map<String, INDArray> arriving, INDArray injected, int from, int to) {
    Deque<StepErrors> errors = new ArrayDeque<>();
    INDArray fromAbove = injected;
    for (int layer = timeline.layers().size(); layer >= 1; layer--) {
      LayerSteps steps = timeline.layers().get(layer - 1);
      StepErrors of =
          network
              .cell()
              .back(
                  at(steps.previous(), from, to),
                  at(steps.kept(), from, to),
                  sum(arriving.get(CoreState.hidden(layer)), fromAbove),
                  arriving.get(CoreState.cell(layer)));
      errors.addFirst(of);
      if (layer > 1) {
        INDArray mask = steps.mask() == null ? null : at(steps.mask(), from, to);
        fromAbove = network.toInput(layer, of.activations(), mask);
      }
    }
    return List.copyOf(errors);
  }

  /** At least one is there. */
  private static INDArray sum(INDArray arriving, INDArray fromAbove) {
    if (arriving == null) {
      return fromAbove;
    }
    return fromAbove == null ? arriving : arriving.add(fromAbove);
  }

  private void add(List<StepErrors> errors, List<INDArray> total, int from, int to) {
    for (int i = 0; i < total.size(); i++) {
      at(total.get(i), from, to).addi(errors.get(i).activations());
    }
  }

  /** Without the errors of the first steps. */
  private StepErrors without(StepErrors errors, int steps) {
    return new StepErrors(
        without(errors.activations(), steps),
        without(errors.h(), steps),
        without(errors.c(), steps));
  }

  private INDArray without(INDArray rows, int steps) {
    return rows == null ? null : network.steps(rows, steps, rows.rows() / network.shape().batch());
  }

  private List<INDArray> zeros() {
    RnnShape shape = network.shape();
    long columns = (long) shape.cell().biases() * shape.hidden();
    return timeline.layers().stream()
        .map(steps -> network.zeros(steps.kept().rows(), columns))
        .toList();
  }

  private int history() {
    return timeline.historySteps();
  }

  /** Steps from..to-1 of an array over the timeline: a view. */
  private INDArray at(INDArray rows, int from, int to) {
    return network.steps(rows, history() + from, history() + to);
  }
}
