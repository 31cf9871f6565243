package org.tbptt.model.core;

/** What turns gradients into updates. */
public enum Optimizer {
  /** w <- w - rate * g. */
  SGD,
  /**
   * Adam of Kingma and Ba 2015 in the form of the end of its section 2, which TensorFlow uses: w <-
   * w - rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps), beta 0.9 and 0.999, eps
   * 1e-8; dense, so that rows without a gradient move too.
   */
  ADAM;

  static final double BETA1 = 0.9;
  static final double BETA2 = 0.999;
  static final double EPSILON = 1e-8;
}
