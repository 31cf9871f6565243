package org.tbptt.model.reference;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The Q+T steps that errors of a pass go back over: Q cached steps of history, then the T steps of
 * the segment. Row (Q+s)*B+b is step s, which is negative in history.
 *
 * @param historySteps Q
 * @param tokens that were read; -1 is padding
 * @param x masked inputs ((Q+T)*B,E)
 * @param inputMask ((Q+T)*B,E), or null where nothing was dropped
 * @param r previous states ((Q+T)*B,H)
 * @param h states ((Q+T)*B,H)
 * @param link ((Q+T)*B,H): what an error is multiplied by on its way from step s+1 to h_s; or null
 *     if that is 1 everywhere
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one pass, never compared
record Timeline(
    int historySteps,
    int[] tokens,
    INDArray x,
    INDArray inputMask,
    INDArray r,
    INDArray h,
    INDArray link) {

  /**
   * @param tokens of the T steps
   * @param historySteps how many steps of history the pass needs; it gets at most those available
   */
  static Timeline of(
      Network network, History history, int historySteps, int[] tokens, Forward forward) {
    int before = Math.min(historySteps, history.steps());
    INDArray link = xi(network, before, forward);
    if (before == 0) {
      return new Timeline(
          0, tokens, forward.x(), forward.masks().input(), forward.r(), forward.h(), link);
    }
    int[] allTokens = new int[before * network.shape().batch() + tokens.length];
    int[] historyTokens = history.tokens(before);
    System.arraycopy(historyTokens, 0, allTokens, 0, historyTokens.length);
    System.arraycopy(tokens, 0, allTokens, historyTokens.length, tokens.length);
    network.steps(link, 0, before).muli(history.link(before));
    return new Timeline(
        before,
        allTokens,
        Nd4j.vstack(history.x(before), forward.x()),
        Nd4j.vstack(history.inputMask(before), forward.masks().onInput(ones(forward.x()))),
        Nd4j.vstack(history.r(before), forward.r()),
        Nd4j.vstack(history.h(before), forward.h()),
        link);
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
    int steps = forward.h().rows() / network.shape().batch();
    INDArray link =
        Nd4j.ones(
            network.type(), (long) (before + steps) * network.shape().batch(), hidden(forward));
    for (int s = Math.max(-1, -before); links != null && s < steps - 1; s++) {
      network.step(link, before + s).muliColumnVector(network.step(links, s + 1));
    }
    return link;
  }

  private static long hidden(Forward forward) {
    return forward.h().columns();
  }

  private static INDArray ones(INDArray like) {
    return Nd4j.ones(like.dataType(), like.shape());
  }
}
