package org.tbptt.sweep.search;

/**
 * Values without an order.
 *
 * @param count how many, at least 1
 */
public record Choices(int count) implements Dimension {

  public Choices {
    if (count < 1) {
      throw new IllegalArgumentException("there must be at least one choice, not " + count);
    }
  }

  @Override
  public double size() {
    return count;
  }

  @Override
  public double at(double u) {
    return Math.min(count - 1, Math.floor(u * count));
  }
}
