package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TrueStyle;

class HeldWindowsTest {

  // Ids 0 .. 59 in order; 0 is the end of a sentence, which comes after each 4 words.
  private static final Corpus COUNTING = corpus(IntStream.range(0, 60).toArray());
  private static final Corpus SENTENCES =
      corpus(IntStream.range(0, 60).map(i -> i % 5 == 4 ? 0 : 1 + i).toArray());

  @Test
  void theyFollowOneAnotherFromTheStartOfTheValidationStream() {
    HeldWindows held =
        HeldWindows.of(new Diagnostics(2, 5, 0), new TrueStyle(3, 4), COUNTING, 2, 1);

    // 2 columns of 30 tokens; 10 steps are 12 in windows of 4.
    assertThat(held.steps()).isEqualTo(12);
    assertThat(held.seqLen()).isEqualTo(4);
    assertThat(held.windows()).extracting(window -> window.inputs()[0]).containsExactly(0, 12);
    assertThat(held.windows()).extracting(window -> window.inputs()[1]).containsExactly(30, 42);
  }

  @Test
  void thereAreNoMoreThanTheStreamHas() {
    assertThat(
            HeldWindows.of(new Diagnostics(9, 5, 0), new TrueStyle(3, 4), COUNTING, 2, 1).windows())
        .hasSize(2);
  }

  @Test
  void aStreamThatIsTooShortIsRefused() {
    assertThatThrownBy(
            () -> HeldWindows.of(new Diagnostics(1, 15, 0), new TrueStyle(3, 4), COUNTING, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the validation stream is too short to measure over a horizon of 32 steps:"
                + " it has 60 tokens, batch-size = 2 columns of 30");
  }

  @Test
  void aHorizonThatWholeWindowsMakeTooLongIsRefused() {
    assertThatThrownBy(
            () ->
                HeldWindows.of(new Diagnostics(1, 32768, 0), new TrueStyle(3, 40), COUNTING, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a horizon of whole windows of seq-len = 40 has 65560 steps, more than 65536");
  }

  @Test
  void sentencesAreTheirOwnWindows() {
    HeldWindows held =
        HeldWindows.of(new Diagnostics(3, 50, 0), new SentenceStyle(2), SENTENCES, 2, 1);

    assertThat(held.windows()).extracting(Window::steps).containsExactly(5, 5, 5);
    assertThat(held.steps()).isEqualTo(5);
    assertThat(held.seqLen()).isEqualTo(5);
  }

  private static Corpus corpus(int[] tokens) {
    List<String> words = IntStream.range(0, 61).mapToObj(i -> i == 0 ? "<eos>" : "w" + i).toList();
    TokenStream stream = TokenStream.ofText(tokens);
    return new Corpus("test", new Vocabulary(words), stream, stream, stream);
  }
}
