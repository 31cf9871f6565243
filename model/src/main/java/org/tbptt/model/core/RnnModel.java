package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * The network, apart from the vocabulary: embedding, one recurrent layer, softmax.
 *
 * @param cell the recurrent layer's nonlinearity
 * @param stateSize H, at least 1
 * @param embedSize E, at least 1
 * @param keepProb the probability that dropout keeps an element of the cell's input and output, in
 *     (0, 1]
 * @param init initial values of the matrices
 * @param carry which state goes from one training window into the next
 */
public record RnnModel(
    Cell cell, int stateSize, int embedSize, double keepProb, Initialiser init, Carry carry)
    implements java.io.Serializable {

  public RnnModel {
    requireNonNull(cell, "cell");
    requireNonNull(init, "init");
    requireNonNull(carry, "carry");
    if (stateSize < 1) {
      throw new InvalidSettingException("state-size", stateSize, "must be at least 1");
    }
    if (embedSize < 1) {
      throw new InvalidSettingException("embed-size", embedSize, "must be at least 1");
    }
    if (!(keepProb > 0 && keepProb <= 1)) {
      throw new InvalidSettingException("keep-prob", keepProb, "must be more than 0 and at most 1");
    }
  }
}
