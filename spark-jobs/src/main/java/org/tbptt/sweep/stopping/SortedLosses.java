package org.tbptt.sweep.stopping;

import java.util.Arrays;

/** Losses at a rung in ascending order, nats per token; one that is not finite is infinite. */
public final class SortedLosses {

  private double[] sorted = new double[8];
  private int size;

  void add(double loss) {
    double value = Double.isFinite(loss) ? loss : Double.POSITIVE_INFINITY;
    if (size == sorted.length) {
      sorted = Arrays.copyOf(sorted, 2 * size);
    }
    int place = atMost(value);
    System.arraycopy(sorted, place, sorted, place + 1, size - place);
    sorted[place] = value;
    size++;
  }

  int size() {
    return size;
  }

  /** The lowest but {@code index}. */
  double get(int index) {
    return sorted[index];
  }

  /** How many are lower or equal. */
  int atMost(double loss) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (sorted[middle] <= loss) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** The mean of the two in the middle if their number is even. */
  double median() {
    double upper = sorted[size / 2];
    return size % 2 == 1 ? upper : (sorted[size / 2 - 1] + upper) / 2;
  }
}
