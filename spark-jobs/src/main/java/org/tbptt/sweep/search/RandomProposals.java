package org.tbptt.sweep.search;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/**
 * Random search (Bergstra and Bengio 2012): every value is drawn on its own, evenly on its axis's
 * scale. The number for candidate i and axis k is Philox's for (seed, i, k, redraw).
 */
record RandomProposals(long seed, Space space) implements Proposals {

  @Override
  public int needed(int candidate) {
    return 0;
  }

  @Override
  public List<Double> propose(int candidate, int redraw, History history) {
    List<Double> values = new ArrayList<>();
    for (Dimension dimension : space.dimensions()) {
      double[] u = numbers(seed, Purpose.SEARCH, values.size(), candidate, redraw, 1);
      values.add(dimension.at(u[0]));
    }
    return values;
  }

  /** Evenly distributed numbers in [0, 1), of 53 bits each. */
  static double[] numbers(
      long seed, Purpose purpose, int axis, int candidate, int redraw, int count) {
    int[] words = Philox.words(seed, purpose, axis + 1, candidate, redraw, 2 * count);
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      int high = words[2 * i] >>> 5;
      int low = words[2 * i + 1] >>> 6;
      numbers[i] = ((long) high << 26 | low) * 0x1p-53;
    }
    return numbers;
  }
}
