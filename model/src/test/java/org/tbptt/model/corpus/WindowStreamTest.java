package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowStreamTest {

  @Test
  void windowsDropTheRestOfEachColumn() {
    WindowStream stream = new WindowStream(TokenStream.ofText(upTo(19)), 2, 3);

    // Columns 0..8 and 9..17 with 8 targets each: two windows, two steps of each column dropped.
    assertThat(stream.windows()).isEqualTo(2);
    assertThat(stream.tokens()).isEqualTo(12);
    assertThat(stream.window(1).inputs()).containsExactly(3, 12, 4, 13, 5, 14);
    assertThat(stream.window(1).targets()).containsExactly(4, 13, 5, 14, 6, 15);
  }

  @Test
  void parallelStreamsUseTheWholeColumn() {
    int[] targets = IntStream.range(100, 112).toArray();
    WindowStream stream = new WindowStream(new TokenStream(upTo(12), targets, 0), 2, 3);

    assertThat(stream.windows()).isEqualTo(2);
    Window last = stream.window(1);
    assertThat(last.steps()).isEqualTo(3);
    assertThat(last.columns()).isEqualTo(2);
    assertThat(last.inputs()).containsExactly(3, 9, 4, 10, 5, 11);
    assertThat(last.targets()).containsExactly(103, 109, 104, 110, 105, 111);
  }

  @Test
  void everyEpochHasTheSameWindows() {
    WindowStream stream = new WindowStream(TokenStream.ofText(upTo(19)), 2, 3);

    assertThat(stream.epoch(1)).hasSize(2);
    assertThat(stream.epoch(1).get(1).inputs()).isEqualTo(stream.window(1).inputs());
    assertThat(stream.epoch(2).get(0).targets()).isEqualTo(stream.window(0).targets());
    assertThat(stream.longestWindow()).isEqualTo(3);
    assertThatThrownBy(() -> stream.epoch(1).get(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aStreamShorterThanOneWindowSaysWhatIsNeeded() {
    assertThatThrownBy(() -> new WindowStream(TokenStream.ofText(upTo(23)), 4, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a stream of 23 tokens is shorter than one window:"
                + " batch-size = 4 and seq-len = 5 need at least 24 tokens");
    assertThat(new WindowStream(TokenStream.ofText(upTo(24)), 4, 5).windows()).isEqualTo(1);
  }

  @Test
  void whatIsNeededMayBeMoreThanAnyStreamHas() {
    assertThatThrownBy(() -> new WindowStream(TokenStream.ofText(upTo(5)), 100_000, 100_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("need at least 10000100000 tokens");
  }

  @Test
  void sizesBelowOneAreRefused() {
    TokenStream stream = TokenStream.ofText(upTo(10));

    assertThatThrownBy(() -> new WindowStream(stream, 0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch-size = 0: must be at least 1");
    assertThatThrownBy(() -> new WindowStream(stream, 1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("seq-len = -1: must be at least 1");
  }

  @Test
  void aWindowThatDoesNotExistIsRefused() {
    WindowStream stream = new WindowStream(TokenStream.ofText(upTo(11)), 1, 5);

    assertThatThrownBy(() -> stream.window(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.window(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aWindowOfAnotherShapeThanItsArraysIsRefused() {
    assertThatThrownBy(() -> new Window(2, 3, new int[6], new int[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a window of 2 steps and 3 columns can't have 6 inputs and 5 targets");
  }

  private static int[] upTo(int end) {
    return IntStream.range(0, end).toArray();
  }
}
