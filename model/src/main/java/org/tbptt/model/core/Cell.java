package org.tbptt.model.core;

/** The nonlinearity f of the recurrent cell, h_t = f([x_t ; h_{t-1}] W + b). */
public enum Cell {
  TANH,
  RELU,
  /** No nonlinearity: a linear recurrent network, whose gradients can be checked by hand. */
  IDENTITY
}
