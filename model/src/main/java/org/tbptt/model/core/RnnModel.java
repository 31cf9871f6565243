package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * The network, apart from the vocabulary: embedding, recurrent layers, softmax.
 *
 * @param cell what a recurrent layer computes
 * @param layers L, one above the other, from 1 to 8
 * @param stateSize H, at least 1
 * @param embedSize E, at least 1
 * @param keepProb the probability that dropout keeps an element of the embedding and of each
 *     layer's output, in (0, 1]; nothing is dropped between steps (Zaremba, Sutskever and Vinyals
 *     2014)
 * @param init how the matrices start
 * @param initScale a of {@link Initialiser#UNIFORM}, more than 0; without effect on the others
 * @param forgetBias where b of an LSTM's forget gate starts (1: Jozefowicz, Zaremba and Sutskever
 *     2015); of other cells 1, without effect
 * @param carry which state goes from one training window into the next
 */
public record RnnModel(
    Cell cell,
    int layers,
    int stateSize,
    int embedSize,
    double keepProb,
    Initialiser init,
    double initScale,
    double forgetBias,
    Carry carry)
    implements java.io.Serializable {

  private static final int MOST_LAYERS = 8;
  private static final double DEFAULT_INIT_SCALE = 0.1;
  private static final double DEFAULT_FORGET_BIAS = 1;

  /** One layer, with the defaults of what it leaves out. */
  public RnnModel(
      Cell cell, int stateSize, int embedSize, double keepProb, Initialiser init, Carry carry) {
    this(
        cell,
        1,
        stateSize,
        embedSize,
        keepProb,
        init,
        DEFAULT_INIT_SCALE,
        DEFAULT_FORGET_BIAS,
        carry);
  }

  /**
   * @throws InvalidSettingException if a setting is out of its range, or two do not go together
   */
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
    if (layers < 1 || layers > MOST_LAYERS) {
      throw new InvalidSettingException("layers", layers, "must be from 1 to " + MOST_LAYERS);
    }
    if (!(initScale > 0 && Double.isFinite(initScale))) {
      throw new InvalidSettingException(
          "init-scale", initScale, "must be a finite number more than 0");
    }
    if (!Double.isFinite(forgetBias)) {
      throw new InvalidSettingException("forget-bias", forgetBias, "must be a finite number");
    }
    if (cell != Cell.LSTM && forgetBias != DEFAULT_FORGET_BIAS) {
      throw new InvalidSettingException(
          "forget-bias", forgetBias, "must be 1, the default, unless cell = lstm");
    }
    if (carry == Carry.POST_DROPOUT && (cell.isGated() || layers > 1)) {
      throw new InvalidSettingException(
          "carry",
          "post-dropout",
          "must be state for a cell with gates and for more than one layer");
    }
  }

  /** The same network with another state carried on. */
  public RnnModel carrying(Carry other) {
    return new RnnModel(
        cell, layers, stateSize, embedSize, keepProb, init, initScale, forgetBias, other);
  }

  /** The sizes of a step of this network. */
  public RnnShape shape(int vocabulary, int batch, int steps) {
    return new RnnShape(vocabulary, embedSize, cell, layers, stateSize, batch, steps);
  }
}
