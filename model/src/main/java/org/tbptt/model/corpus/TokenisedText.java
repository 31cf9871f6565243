package org.tbptt.model.corpus;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * A file's text as tokens. The file is read twice, to count and to encode, so that a long text
 * takes only four bytes per token.
 */
final class TokenisedText {

  /** An array has no more elements. */
  private static final int MOST_TOKENS = Integer.MAX_VALUE - 8;

  private final String file;
  private final TextSource.Unit unit;
  private final TextFiles files;
  private final int most;
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private int length;

  /**
   * Counts the file's tokens, at least one.
   *
   * @throws CorpusException when the file can't be read as UTF-8, has no token or too many, or when
   *     its words have no room in the heap
   */
  TokenisedText(String file, TextSource.Unit unit, TextFiles files) {
    this(file, unit, files, MOST_TOKENS);
  }

  TokenisedText(String file, TextSource.Unit unit, TextFiles files, int most) {
    this.file = file;
    this.unit = unit;
    this.files = files;
    this.most = most;
    try {
      read(this::count);
    } catch (OutOfMemoryError noRoom) { // for the words: they are all that grows with the text
      throw tooManyWords();
    }
    if (length == 0) {
      throw new CorpusException(file + ": is empty, it has no token");
    }
  }

  /**
   * Checks that the heap has room to encode all of them.
   *
   * @throws CorpusException if the heap is too small
   */
  static void requireRoom(TokenisedText... texts) {
    long tokens = Stream.of(texts).mapToLong(text -> text.length).sum();
    HeapNeed.require(tokens, Runtime.getRuntime().maxMemory());
  }

  /** The distinct words, in the order in which they first occur. */
  Set<String> words() {
    return counts.keySet();
  }

  /** How often each distinct word occurs. */
  Map<String, Integer> counts() {
    return counts;
  }

  /**
   * The text as ids; asks for the id of each distinct word once.
   *
   * @throws CorpusException if the file has changed
   */
  int[] encode(ToIntFunction<String> idOf) {
    Map<String, Integer> ids = new HashMap<>();
    counts.keySet().forEach(word -> ids.put(word, idOf.applyAsInt(word)));
    Encoding encoding = new Encoding(ids);
    read(encoding);
    encoding.requireAll();
    return encoding.tokens;
  }

  private void read(Consumer<String> tokens) {
    Tokeniser tokeniser = new Tokeniser(unit, tokens);
    TextFile.read(file, files, tokeniser::add);
    tokeniser.end();
  }

  private void count(String word) {
    if (length == most) {
      throw new CorpusException(
          String.format(Locale.ROOT, "%s: has more than %,d tokens, the limit", file, most));
    }
    counts.merge(word, 1, Integer::sum);
    length++;
  }

  private CorpusException tooManyWords() {
    int words = counts.size();
    counts.clear(); // for the message to have room
    return new CorpusException(
        String.format(
            Locale.ROOT,
            "%s: a heap of %,d MB has no room for its %,d different words so far: --driver-memory"
                + " gives more",
            file,
            Runtime.getRuntime().maxMemory() >> 20,
            words));
  }

  private final class Encoding implements Consumer<String> {

    private final Map<String, Integer> ids;
    private final int[] tokens = new int[length];
    private int count;

    Encoding(Map<String, Integer> ids) {
      this.ids = ids;
    }

    @Override
    public void accept(String word) {
      Integer id = ids.get(word);
      require(id != null && count < length);
      tokens[count++] = id;
    }

    void requireAll() {
      require(count == length);
    }

    private void require(boolean same) {
      if (!same) {
        throw new CorpusException(file + ": has changed while it was read");
      }
    }
  }
}
