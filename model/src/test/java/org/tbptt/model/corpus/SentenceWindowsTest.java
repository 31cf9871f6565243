package org.tbptt.model.corpus;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SentenceWindowsTest {

  private static final int EOS = 0;
  private static final int NONE = Window.PADDING;

  @Test
  void aSentenceReadsTheEndBeforeItAndPredictsItsOwn() {
    SentenceWindows sentences = sentences(1, 1, 2, EOS, 3, EOS);

    assertThat(sentences.windows()).isEqualTo(2);
    assertThat(sentences.tokens()).isEqualTo(5);
    assertThat(sentences.longestWindow()).isEqualTo(3);
    List<Window> windows = sentences.epoch(1);
    Window longer = windows.get(windows.get(0).steps() == 3 ? 0 : 1);
    assertThat(longer.inputs()).containsExactly(EOS, 1, 2);
    assertThat(longer.targets()).containsExactly(1, 2, EOS);
  }

  @Test
  void shorterSentencesOfAWindowArePadded() {
    Window window = sentences(2, 1, EOS, 2, 3, EOS).epoch(1).get(0);

    assertThat(window.steps()).isEqualTo(3);
    assertThat(window.columns()).isEqualTo(2);
    assertThat(window.inputs()).containsExactly(EOS, EOS, 1, 2, NONE, 3);
    assertThat(window.targets()).containsExactly(1, 2, EOS, 3, NONE, EOS);
  }

  @Test
  void columnsWithoutASentenceAreAllPadding() {
    SentenceWindows sentences = sentences(4, 1, EOS);

    assertThat(sentences.windows()).isEqualTo(1);
    assertThat(sentences.epoch(1).get(0).targets())
        .containsExactly(1, NONE, NONE, NONE, EOS, NONE, NONE, NONE);
  }

  @Test
  void anEmptyLineIsASentenceOfItsEndAlone() {
    SentenceWindows sentences = sentences(2, EOS, 1, EOS);

    assertThat(sentences.epoch(1).get(0).targets()).containsExactly(EOS, 1, NONE, EOS);
  }

  @Test
  void whatFollowsTheLastEndIsASentenceToo() {
    SentenceWindows sentences = sentences(2, 1, EOS, 2, 3, 4);

    assertThat(sentences.tokens()).isEqualTo(5);
    assertThat(sentences.epoch(1).get(0).targets()).containsExactly(1, 2, EOS, 3, NONE, 4);
  }

  @Test
  void sentencesOfAboutOneLengthStandInOneWindow() {
    SentenceWindows sentences = sentences(2, 1, EOS, 3, 3, 3, EOS, 2, EOS, 4, 4, 4, EOS);

    List<Set<Integer>> words =
        sentences.epoch(1).stream().map(window -> words(window.targets())).toList();
    assertThat(words).containsExactlyInAnyOrder(Set.of(EOS, 1, 2), Set.of(EOS, 3, 4));
    assertThat(sentences.epoch(1)).noneMatch(window -> words(window.targets()).contains(NONE));
  }

  @Test
  void theOrderIsThatOfItsSeedAndEpoch() {
    int[] tokens = IntStream.range(0, 40).map(i -> i % 2 == 0 ? 1 + i / 2 : EOS).toArray();
    SentenceWindows sentences = new SentenceWindows(corpus(tokens), stream(tokens), 1, 7);
    List<Integer> first = firstWords(sentences, 1);

    assertThat(firstWords(new SentenceWindows(corpus(tokens), stream(tokens), 1, 7), 1))
        .isEqualTo(first);
    assertThat(firstWords(sentences, 2)).isNotEqualTo(first);
    assertThat(firstWords(new SentenceWindows(corpus(tokens), stream(tokens), 1, 8), 1))
        .isNotEqualTo(first);
    assertThat(first.stream().collect(toSet())).hasSize(20);
  }

  @Test
  void aCorpusWithoutSentencesIsRefused() {
    Corpus toy = new ToySource(List.of(3, 8), 100, 100, 100, 1).load();

    assertThatThrownBy(() -> new SentenceWindows(toy, toy.train(), 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "corpus "
                + toy.id()
                + " has no sentences: its vocabulary lacks <eos>, which the end of a line becomes"
                + " in a text");
  }

  @Test
  void aBatchOfNoneIsRefused() {
    assertThatThrownBy(() -> sentences(0, 1, EOS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch-size = 0: must be at least 1");
  }

  private static SentenceWindows sentences(int batchSize, int... tokens) {
    return new SentenceWindows(corpus(tokens), stream(tokens), batchSize, 1);
  }

  private static Corpus corpus(int... tokens) {
    List<String> words =
        IntStream.range(0, 40).mapToObj(id -> id == EOS ? "<eos>" : "word" + id).toList();
    TokenStream stream = stream(tokens);
    return new Corpus("text", new Vocabulary(words), stream, stream, stream);
  }

  private static TokenStream stream(int... tokens) {
    return TokenStream.ofText(tokens);
  }

  private static List<Integer> firstWords(SentenceWindows sentences, int epoch) {
    return sentences.epoch(epoch).stream().map(window -> window.targets()[0]).toList();
  }

  private static Set<Integer> words(int[] targets) {
    return IntStream.of(targets).boxed().collect(toSet());
  }
}
