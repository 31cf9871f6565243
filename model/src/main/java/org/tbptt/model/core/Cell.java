package org.tbptt.model.core;

/**
 * What a recurrent layer computes from its input u and its state h' of the step before: with a = [u
 * ; h'] W + b, a cell without gates gives h = f(a). A gated one cuts a into G gates of H columns,
 * in PyTorch's order.
 */
public enum Cell {
  TANH(1, 1),
  RELU(1, 1),
  /**
   * No nonlinearity: a linear recurrent network, the one whose gradients can be checked by hand.
   */
  IDENTITY(1, 1),
  /**
   * Gates i f g o: c = s(f) c' + s(i) tanh(g), h = s(o) tanh(c) with s the logistic function, as
   * Gers, Schmidhuber and Cummins 2000, without peepholes.
   */
  LSTM(4, 4),
  /**
   * Gates r z n: n = tanh(u W_n + b_n + s(r) (h' U_n + b_hn)), h = (1 - s(z)) n + s(z) h', as Cho
   * et al. 2014 with the reset after the product, which is what cuDNN and PyTorch compute. U_n are
   * the rows of W's last gate that belong to the state; the bias has a fourth part, b_hn.
   */
  GRU(3, 4);

  private final int gates;
  private final int biases;

  Cell(int gates, int biases) {
    this.gates = gates;
    this.biases = biases;
  }

  /** G: the matrices of H columns that W consists of. */
  public int gates() {
    return gates;
  }

  /** The rows of H numbers that b consists of. */
  public int biases() {
    return biases;
  }

  public boolean isGated() {
    return gates > 1;
  }

  /** Whether c goes from step to step beside h. */
  public boolean hasCellState() {
    return this == LSTM;
  }
}
