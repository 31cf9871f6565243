package org.tbptt.model.reference;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The Q+T steps that errors of a pass go back over: Q cached steps of history, then the T steps of
 * the segment. Row (Q+s)*B+b is step s, which is negative in history.
 *
 * @param historySteps Q
 * @param tokens that were read; -1 is padding
 * @param layers ((Q+T)*B rows each), from the first one up
 * @param link ((Q+T)*B,H): what an error is multiplied by on its way from step s+1 to the state of
 *     step s; or null where that is 1 everywhere
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one pass, never compared
record Timeline(int historySteps, int[] tokens, List<LayerSteps> layers, INDArray link) {

  /**
   * @param tokens of the T steps
   * @param historySteps how many steps of history the pass needs; it gets at most those available
   */
  static Timeline of(
      Network network, History history, int historySteps, int[] tokens, Forward forward) {
    int before = Math.min(historySteps, history.steps());
    INDArray link = xi(network, before, forward);
    if (before == 0) {
      return new Timeline(0, tokens, forward.layers(), link);
    }
    HistoryRows held = history.newest(before);
    int[] allTokens = new int[before * network.shape().batch() + tokens.length];
    int[] historyTokens = held.tokens();
    System.arraycopy(historyTokens, 0, allTokens, 0, historyTokens.length);
    System.arraycopy(tokens, 0, allTokens, historyTokens.length, tokens.length);
    if (held.link() != null) {
      network.steps(link, 0, before).muli(held.link());
    }
    List<LayerSteps> layers = new ArrayList<>();
    for (int i = 0; i < forward.layers().size(); i++) {
      layers.add(join(held.layers().get(i), forward.layers().get(i)));
    }
    return new Timeline(before, allTokens, layers, link);
  }

  private static LayerSteps join(LayerSteps before, LayerSteps now) {
    INDArray mask = now.mask() == null ? Nd4j.onesLike(now.u()) : now.mask();
    return new LayerSteps(
        Nd4j.vstack(before.u(), now.u()),
        Nd4j.vstack(before.mask(), mask),
        Nd4j.vstack(before.previous(), now.previous()),
        Nd4j.vstack(before.kept(), now.kept()));
  }

  /**
   * The links that random truncation cuts: the error that leaves step s+1 >= 0 is multiplied by
   * xi[s+1,b].
   *
   * @return null if there is neither history nor a cut link
   */
  private static INDArray xi(Network network, int before, Forward forward) {
    INDArray links = forward.masks().links();
    if (before == 0 && links == null) {
      return null;
    }
    int batch = network.shape().batch();
    int steps = forward.h().rows() / batch;
    INDArray link =
        Nd4j.ones(network.type(), (long) (before + steps) * batch, forward.h().columns());
    for (int s = Math.max(-1, -before); links != null && s < steps - 1; s++) {
      network.step(link, before + s).muliColumnVector(network.step(links, s + 1));
    }
    return link;
  }
}
