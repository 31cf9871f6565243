package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeapNeedTest {

  private static final long MB = 1 << 20;

  @Test
  void aTextNeedsOneArrayOfItsTokensAndRoomAround() {
    Vocabulary words = new Vocabulary(List.of("a", "b"));
    TokenStream text = TokenStream.ofText(new int[1 << 20]);
    TokenStream parallel = new TokenStream(new int[1 << 20], new int[1 << 20], 0);

    assertThat(HeapNeed.of(new Corpus("text", words, text, text, text))).isEqualTo((256 + 18) * MB);
    assertThat(HeapNeed.of(new Corpus("toy", words, parallel, text, text)))
        .isEqualTo((256 + 24) * MB);
  }

  @Test
  void aHundredMillionCharactersFitIntoAGigabyte() {
    assertThat(HeapNeed.of(100_000_000L)).isLessThan(900 * MB);
  }

  @Test
  void aHeapThatIsTooSmallIsSaidWithWhatIsNeeded() {
    assertThatCode(() -> HeapNeed.require(100 * MB, 856 * MB)).doesNotThrowAnyException();
    assertThatThrownBy(() -> HeapNeed.require(100 * MB, 512 * MB))
        .isInstanceOf(CorpusException.class)
        .hasMessage(
            "the corpus needs a heap of 856 MB, but this process has 512 MB: --driver-memory 910m"
                + " gives it enough");
  }

  @Test
  void whatHasNoRoomIsNotGenerated() {
    assumeTrue(Runtime.getRuntime().maxMemory() < 40_000 * MB);

    assertThatThrownBy(() -> new ToySource(List.of(3, 8), 2_000_000_000, 1, 1, 1).load())
        .isInstanceOf(CorpusException.class)
        .hasMessageStartingWith("the corpus needs a heap of 46,033 MB, but this process has ");
  }
}
