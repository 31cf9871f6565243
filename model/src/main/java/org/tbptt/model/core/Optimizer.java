package org.tbptt.model.core;

/** How a gradient updates a weight w; g is the gradient after clipping. */
public enum Optimizer {
  /** w <- w - rate * g. */
  SGD,
  /** u <- momentum * u + g, w <- w - rate * u: the classical momentum of Polyak 1964. */
  MOMENTUM,
  /**
   * Adam of Kingma and Ba 2015 in the form of the end of its section 2, which TensorFlow uses: w <-
   * w - rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps), beta 0.9 and 0.999, eps
   * 1e-8; dense, so that rows without a gradient move too.
   */
  ADAM,
  /**
   * v <- decay * v + (1 - decay) * g^2, w <- w - rate * g / (sqrt(v) + eps), eps 1e-8; v starts at
   * 0. Tieleman and Hinton 2012, lecture 6.5.
   */
  RMSPROP;

  public static final double BETA1 = 0.9;
  public static final double BETA2 = 0.999;
  public static final double EPSILON = 1e-8;

  /** Whether a running sum or mean of gradients is kept: u, or m. */
  public boolean keepsFirstMoment() {
    return this == MOMENTUM || this == ADAM;
  }

  /** Whether a running mean of squared gradients is kept: v. */
  public boolean keepsSecondMoment() {
    return this == ADAM || this == RMSPROP;
  }
}
