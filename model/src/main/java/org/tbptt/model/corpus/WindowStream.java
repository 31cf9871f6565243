package org.tbptt.model.corpus;

import java.util.List;
import java.util.Objects;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * A stream cut into B columns of floor(tokens / B) consecutive tokens, and each column into windows
 * of T steps that follow one another; the remainder is dropped. For a language model that is
 * (floor(tokens / B) - 1) / T windows, as TensorFlow's PTB reader counts them.
 */
public final class WindowStream implements WindowSource {

  private final TokenStream stream;
  private final int batchSize;
  private final int seqLen;
  private final int columnLength;
  private final int windows;

  /**
   * @param stream what is cut; not copied
   * @param batchSize B, at least 1
   * @param seqLen T, at least 1
   * @throws IllegalArgumentException when the stream is too short for one window
   */
  public WindowStream(TokenStream stream, int batchSize, int seqLen) {
    if (batchSize < 1) {
      throw new InvalidSettingException("batch-size", batchSize, "must be at least 1");
    }
    if (seqLen < 1) {
      throw new InvalidSettingException("seq-len", seqLen, "must be at least 1");
    }
    this.stream = stream;
    this.batchSize = batchSize;
    this.seqLen = seqLen;
    columnLength = stream.tokens() / batchSize;
    windows = (columnLength - stream.shift()) / seqLen;
    if (windows < 1) {
      throw new IllegalArgumentException(
          "a stream of "
              + stream.tokens()
              + " tokens is shorter than one window: batch-size = "
              + batchSize
              + " and seq-len = "
              + seqLen
              + " need at least "
              + batchSize * ((long) seqLen + stream.shift())
              + " tokens");
    }
  }

  @Override
  public int windows() {
    return windows;
  }

  /** windows * T * B. */
  @Override
  public long tokens() {
    return (long) windows * seqLen * batchSize;
  }

  @Override
  public int longestWindow() {
    return seqLen;
  }

  /** The same windows in the same order in every epoch. */
  @Override
  public List<Window> epoch(int epoch) {
    return new LazyWindows(windows, this::window);
  }

  /**
   * One window, in arrays of its own.
   *
   * @param index 0 to windows-1
   * @throws IndexOutOfBoundsException for any other index
   */
  public Window window(int index) {
    int firstStep = Objects.checkIndex(index, windows) * seqLen;
    int[] inputs = new int[seqLen * batchSize];
    int[] targets = new int[seqLen * batchSize];
    for (int step = 0; step < seqLen; step++) {
      for (int column = 0; column < batchSize; column++) {
        int from = column * columnLength + firstStep + step;
        int to = step * batchSize + column;
        inputs[to] = stream.input(from);
        targets[to] = stream.target(from);
      }
    }
    return new Window(seqLen, batchSize, inputs, targets);
  }
}
