package org.tbptt.sweep.search;

/** A density on one axis, estimated from values (Parzen 1962). */
sealed interface Parzen permits ParzenChoices, ParzenRange {

  /** Values that have their full weight, the newest ones; of older ones it falls. */
  int NEWEST = 25;

  /**
   * Estimates it.
   *
   * @param values from the oldest to the newest; there may be none
   */
  static Parzen of(Dimension dimension, double[] values) {
    return dimension instanceof Choices choices
        ? new ParzenChoices(choices, values)
        : new ParzenRange((Range) dimension, values);
  }

  /**
   * Draws a value.
   *
   * @param u chooses the kernel, in [0, 1)
   * @param v the value in it, in [0, 1)
   */
  double draw(double u, double v);

  /** The density at a value, more than 0: the probability where values are discrete. */
  double density(double value);

  /**
   * The weight of value i of n, from the oldest: 1 for the newest 25; before them it rises evenly
   * from 1 / n to 1. The prior, which comes after them, has the weight 1.
   */
  static double weight(int i, int n) {
    int old = n - NEWEST;
    return i >= old ? 1 : old == 1 ? 1.0 / n : 1.0 / n + (1 - 1.0 / n) * i / (old - 1);
  }
}
