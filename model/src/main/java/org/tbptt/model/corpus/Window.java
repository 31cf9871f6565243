package org.tbptt.model.corpus;

import java.util.Arrays;

/**
 * The steps fed between two optimiser updates, time-major: step t of column b is element {@code t *
 * columns + b}.
 *
 * @param steps T
 * @param columns B
 * @param inputs (T,B) ids that are read; {@link #PADDING} where a column has ended
 * @param targets (T,B) ids to predict; {@link #PADDING} where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // read once by an engine, never compared
public record Window(int steps, int columns, int[] inputs, int[] targets) {

  /** No token: no input, no prediction, no error. */
  public static final int PADDING = -1;

  public Window {
    int size = Math.multiplyExact(steps, columns);
    if (steps < 1 || columns < 1 || inputs.length != size || targets.length != size) {
      throw new IllegalArgumentException(
          "a window of "
              + steps
              + " steps and "
              + columns
              + " columns can't have "
              + inputs.length
              + " inputs and "
              + targets.length
              + " targets");
    }
  }

  /** Steps first .. first+count-1, in arrays of their own. */
  public Window part(int first, int count) {
    int from = first * columns;
    int to = from + count * columns;
    return new Window(
        count,
        columns,
        Arrays.copyOfRange(inputs, from, to),
        Arrays.copyOfRange(targets, from, to));
  }
}
