package org.tbptt.model.corpus;

import static java.util.Comparator.comparingInt;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * The sentences of a text, B of about the same length to a window. The inputs of a sentence are
 * {@code <eos>} and its words, the targets its words and {@code <eos>}, so that every token of the
 * stream is predicted once. Shorter columns, and columns of the last window without a sentence, are
 * filled with {@link Window#PADDING}. Each epoch has a new random order: sentences of one length
 * are shuffled, cut into windows by length, and the windows shuffled.
 */
public final class SentenceWindows implements WindowSource {

  // The streams of random numbers of one epoch.
  private static final int SENTENCES = 0;
  private static final int WINDOWS = 1;

  private final TokenStream stream;
  private final int endOfSentence;
  private final int batchSize;
  private final long seed;

  /** Where each sentence starts in the stream, followed by the end of the last one. */
  private final int[] starts;

  /**
   * @param corpus that the stream is of
   * @param stream what is cut; not copied
   * @param batchSize B, at least 1
   * @param seed of the random order
   * @throws IllegalArgumentException when the corpus has no sentences
   */
  public SentenceWindows(Corpus corpus, TokenStream stream, int batchSize, long seed) {
    if (batchSize < 1) {
      throw new InvalidSettingException("batch-size", batchSize, "must be at least 1");
    }
    this.stream = stream;
    this.endOfSentence =
        corpus
            .vocabulary()
            .idOf(Tokeniser.END_OF_SENTENCE)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "corpus "
                            + corpus.id()
                            + " has no sentences: its vocabulary lacks "
                            + Tokeniser.END_OF_SENTENCE
                            + ", which the end of a line becomes in a text"));
    this.batchSize = batchSize;
    this.seed = seed;
    this.starts = starts(stream, endOfSentence);
  }

  @Override
  public int windows() {
    return (sentences() - 1) / batchSize + 1;
  }

  @Override
  public long tokens() {
    return stream.tokens();
  }

  @Override
  public int longestWindow() {
    return IntStream.range(0, sentences()).map(this::length).max().orElseThrow();
  }

  @Override
  public List<Window> epoch(int epoch) {
    int[] sentences =
        sorted(sentences(), comparingInt(this::length).thenComparing(shuffle(epoch, SENTENCES)));
    int[] windows = sorted(windows(), shuffle(epoch, WINDOWS));
    return new LazyWindows(
        windows(),
        index -> {
          int first = windows[index] * batchSize;
          int end = Math.min(first + batchSize, sentences.length);
          return window(Arrays.copyOfRange(sentences, first, end));
        });
  }

  private Window window(int[] sentences) {
    int steps = Arrays.stream(sentences).map(this::length).max().orElseThrow();
    int[] inputs = new int[steps * batchSize];
    int[] targets = new int[steps * batchSize];
    Arrays.fill(inputs, Window.PADDING);
    Arrays.fill(targets, Window.PADDING);
    for (int column = 0; column < sentences.length; column++) {
      int start = starts[sentences[column]];
      for (int step = 0; step < length(sentences[column]); step++) {
        int to = step * batchSize + column;
        inputs[to] = step == 0 ? endOfSentence : stream.input(start + step - 1);
        targets[to] = stream.input(start + step);
      }
    }
    return new Window(steps, batchSize, inputs, targets);
  }

  private int sentences() {
    return starts.length - 1;
  }

  /** Tokens to predict in a sentence: its words and its end. */
  private int length(int sentence) {
    return starts[sentence + 1] - starts[sentence];
  }

  /** A random order. */
  private Comparator<Integer> shuffle(int epoch, int what) {
    int[] words = Philox.words(seed, Purpose.SENTENCE_ORDER, epoch, what, sentences());
    return (one, other) -> Integer.compareUnsigned(words[one], words[other]);
  }

  private static int[] sorted(int count, Comparator<Integer> order) {
    return IntStream.range(0, count).boxed().sorted(order).mapToInt(Integer::intValue).toArray();
  }

  private static int[] starts(TokenStream stream, int endOfSentence) {
    int last = stream.tokens();
    IntStream afterEnds =
        IntStream.range(0, last)
            .filter(step -> stream.input(step) == endOfSentence)
            .map(step -> step + 1);
    // A stream may end inside a sentence.
    return IntStream.concat(IntStream.of(0), IntStream.concat(afterEnds, IntStream.of(last)))
        .distinct()
        .toArray();
  }
}
