package org.tbptt.model.corpus;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/** Whatever the text, the batch and the epoch. Token 0 is the end of a sentence. */
@Tag("property")
class SentenceWindowsPropertyTest {

  private static final long SEED = 3;
  private static final Vocabulary VOCABULARY = new Vocabulary(List.of("<eos>", "a", "b", "c"));

  @Property(tries = 300)
  void everyTokenIsPredictedOnceInASentenceOfItsOwn(
      @ForAll("texts") int[] text,
      @ForAll @IntRange(min = 1, max = 7) int batchSize,
      @ForAll @IntRange(max = 3) int epoch) {
    SentenceWindows sentences = sentences(text, batchSize);
    List<Window> windows = sentences.epoch(epoch);

    List<String> read = new ArrayList<>();
    List<String> predicted = new ArrayList<>();
    for (Window window : windows) {
      for (int column = 0; column < batchSize; column++) {
        String targets = column(window, window.targets(), column);
        if (!targets.isEmpty()) {
          predicted.add(targets);
          read.add(column(window, window.inputs(), column));
        }
      }
    }

    // A sentence reads a 0 and all of its tokens but the last.
    assertThat(predicted).containsExactlyInAnyOrderElementsOf(sentences(text));
    assertThat(read)
        .isEqualTo(
            predicted.stream().map(each -> "0" + each.substring(0, each.length() - 1)).toList());
    assertThat(windows).hasSize(sentences.windows());
    assertThat(sentences.tokens()).isEqualTo(text.length);
  }

  @Property(tries = 300)
  void noWindowIsLongerThanItsLongestSentence(
      @ForAll("texts") int[] text, @ForAll @IntRange(min = 1, max = 7) int batchSize) {
    SentenceWindows sentences = sentences(text, batchSize);

    assertThat(sentences.epoch(1))
        .allSatisfy(
            window -> {
              int last = (window.steps() - 1) * batchSize;
              assertThat(Arrays.stream(window.targets(), last, last + batchSize).boxed())
                  .anyMatch(target -> target != Window.PADDING);
            });
    assertThat(sentences.epoch(1).stream().mapToInt(Window::steps).max().orElseThrow())
        .isEqualTo(sentences.longestWindow());
  }

  @Property(tries = 300)
  void windowsAreCutBySortedLengthsAndShuffledByPhilox(
      @ForAll("texts") int[] text,
      @ForAll @IntRange(min = 1, max = 7) int batchSize,
      @ForAll @IntRange(max = 3) int epoch) {
    SentenceWindows sentences = sentences(text, batchSize);
    List<String> all = sentences(text);
    int windows = sentences.windows();
    int[] orderOfSentences = Philox.words(SEED, Purpose.SENTENCE_ORDER, epoch, 0, all.size());
    int[] orderOfWindows = Philox.words(SEED, Purpose.SENTENCE_ORDER, epoch, 1, windows);
    List<Integer> byLength =
        IntStream.range(0, all.size())
            .boxed()
            .sorted(
                comparingInt((Integer i) -> all.get(i).length())
                    .thenComparing(i -> Integer.toUnsignedLong(orderOfSentences[i])))
            .toList();
    List<String> expected =
        IntStream.range(0, windows)
            .boxed()
            .sorted(comparing(i -> Integer.toUnsignedLong(orderOfWindows[i])))
            .flatMap(window -> byLength.stream().skip((long) window * batchSize).limit(batchSize))
            .map(all::get)
            .toList();

    List<String> found = new ArrayList<>();
    for (Window window : sentences.epoch(epoch)) {
      for (int column = 0; column < batchSize; column++) {
        found.add(column(window, window.targets(), column));
      }
    }
    found.removeIf(String::isEmpty); // columns without a sentence
    assertThat(found).isEqualTo(expected);
  }

  @Provide
  Arbitrary<int[]> texts() {
    return Arbitraries.integers().between(0, 3).array(int[].class).ofMinSize(1).ofMaxSize(200);
  }

  /** The text split behind each 0, a digit per token. */
  private static List<String> sentences(int[] text) {
    return List.of(
        Arrays.stream(text)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining())
            .split("(?<=0)"));
  }

  private static SentenceWindows sentences(int[] text, int batchSize) {
    TokenStream stream = TokenStream.ofText(text);
    return new SentenceWindows(
        new Corpus("text", VOCABULARY, stream, stream, stream), stream, batchSize, SEED);
  }

  /** One column's tokens up to the padding, a digit each. */
  private static String column(Window window, int[] tokens, int column) {
    String all =
        IntStream.range(0, window.steps())
            .map(step -> tokens[step * window.columns() + column])
            .mapToObj(token -> token == Window.PADDING ? "-" : String.valueOf(token))
            .collect(Collectors.joining());
    String sentence = all.replaceAll("-+$", "");
    assertThat(sentence).doesNotContain("-");
    return sentence;
  }
}
