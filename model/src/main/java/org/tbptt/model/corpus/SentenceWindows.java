package org.tbptt.model.corpus;

import java.util.Arrays;
import java.util.List;
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

  private final Sentences sentences;

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
    this.sentences = stream.sentences(endOfSentence);
  }

  @Override
  public int windows() {
    return (sentences.count() - 1) / batchSize + 1;
  }

  @Override
  public long tokens() {
    return stream.tokens();
  }

  @Override
  public int longestWindow() {
    return sentences.longest();
  }

  @Override
  public List<Window> epoch(int epoch) {
    int[] byLength = byLength(shuffled(sentences.count(), epoch, SENTENCES));
    int[] windows = shuffled(windows(), epoch, WINDOWS);
    return new LazyWindows(
        windows(),
        index -> {
          int first = windows[index] * batchSize;
          int end = Math.min(first + batchSize, byLength.length);
          return window(Arrays.copyOfRange(byLength, first, end));
        });
  }

  private Window window(int[] columns) {
    int steps = Arrays.stream(columns).map(sentences::length).max().orElseThrow();
    int[] inputs = new int[steps * batchSize];
    int[] targets = new int[steps * batchSize];
    Arrays.fill(inputs, Window.PADDING);
    Arrays.fill(targets, Window.PADDING);
    for (int column = 0; column < columns.length; column++) {
      int start = sentences.starts()[columns[column]];
      for (int step = 0; step < sentences.length(columns[column]); step++) {
        int to = step * batchSize + column;
        inputs[to] = step == 0 ? endOfSentence : stream.input(start + step - 1);
        targets[to] = stream.input(start + step);
      }
    }
    return new Window(steps, batchSize, inputs, targets);
  }

  /**
   * 0 to count - 1 in a random order. Without objects: a text may have many millions of sentences.
   */
  private int[] shuffled(int count, int epoch, int what) {
    int[] words = Philox.words(seed, Purpose.SENTENCE_ORDER, epoch, what, count);
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = (long) (words[i] ^ Integer.MIN_VALUE) << Integer.SIZE | i; // by the unsigned word
    }
    Arrays.sort(order);
    for (int i = 0; i < count; i++) {
      words[i] = (int) order[i];
    }
    return words;
  }

  /** Sorted by length; those of one length stay in their order. */
  private int[] byLength(int[] order) {
    int[] next = new int[sentences.longest() + 2]; // where the next sentence of a length goes
    for (int sentence : order) {
      next[sentences.length(sentence) + 1]++;
    }
    for (int length = 1; length < next.length; length++) {
      next[length] += next[length - 1];
    }
    int[] sorted = new int[order.length];
    for (int sentence : order) {
      sorted[next[sentences.length(sentence)]++] = sentence;
    }
    return sorted;
  }
}
