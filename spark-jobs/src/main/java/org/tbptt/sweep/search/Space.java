package org.tbptt.sweep.search;

import java.util.List;

/**
 * What a search chooses from.
 *
 * @param dimensions at least one
 */
public record Space(List<Dimension> dimensions) {

  public Space {
    dimensions = List.copyOf(dimensions);
    if (dimensions.isEmpty()) {
      throw new IllegalArgumentException("there must be at least one dimension");
    }
  }

  /** How many points there are; infinite if a dimension has a range without steps. */
  public double size() {
    return dimensions.stream().mapToDouble(Dimension::size).reduce(1, (a, b) -> a * b);
  }
}
