package org.tbptt.sweep.models;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.corpus.WindowSource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialWindows;

/**
 * A test stream in two forms: as the windows that a trial reads, and as whole columns or sentences,
 * each of which starts from a zero state.
 */
final class TestSequences {

  private final WindowSource windows;
  private final boolean carriesState;

  /**
   * One sequence, as long as it is.
   *
   * @param inputs ids
   * @param targets as many ids
   */
  @SuppressWarnings("ArrayRecordComponent") // sent to an executor, never compared
  record Sequence(int[] inputs, int[] targets) implements Serializable {}

  /**
   * Cuts the test stream.
   *
   * @throws IllegalArgumentException as {@link TrialWindows#of}
   */
  TestSequences(TrialSpec spec, Corpus corpus) {
    carriesState = spec.truncation().carriesState();
    windows = TrialWindows.of(spec, corpus, corpus.test());
  }

  List<Window> windows() {
    return windows.epoch(0);
  }

  int longestWindow() {
    return windows.longestWindow();
  }

  boolean carriesState() {
    return carriesState;
  }

  List<Sequence> sequences() {
    if (carriesState) {
      return columns(windows());
    }
    return windows().stream().flatMap(window -> columns(List.of(window)).stream()).toList();
  }

  /** The columns of consecutive windows, without padding; empty columns are left out. */
  private static List<Sequence> columns(List<Window> windows) {
    List<Sequence> columns = new ArrayList<>();
    for (int column = 0; column < windows.get(0).columns(); column++) {
      int[] inputs = column(windows, column, true);
      if (inputs.length > 0) {
        columns.add(new Sequence(inputs, column(windows, column, false)));
      }
    }
    return columns;
  }

  private static int[] column(List<Window> windows, int column, boolean inputs) {
    return windows.stream()
        .flatMapToInt(
            window ->
                IntStream.range(0, window.steps())
                    .map(step -> step * window.columns() + column)
                    .map(at -> inputs ? window.inputs()[at] : window.targets()[at]))
        .filter(token -> token != Window.PADDING)
        .toArray();
  }
}
