package org.tbptt.sweep.search;

/**
 * One axis of a {@link Space}. A value is a double: a number of the range, or the index of a
 * choice.
 */
public sealed interface Dimension permits Choices, Range {

  /** How many values there are; infinite for a range without steps. */
  double size();

  /**
   * The value at a place of the axis.
   *
   * @param u from 0 to 1; evenly distributed ones give values that are evenly distributed on the
   *     axis's scale
   */
  double at(double u);
}
