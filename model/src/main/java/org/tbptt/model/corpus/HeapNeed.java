package org.tbptt.model.corpus;

import java.util.Locale;
import java.util.stream.LongStream;

/** The heap that a process needs for a corpus, of which it holds one copy. */
public final class HeapNeed {

  /** For all else. */
  private static final long BASE = 256L << 20;

  private HeapNeed() {}

  /** For a corpus that is there. */
  public static long of(Corpus corpus) {
    return of(LongStream.of(ints(corpus.train()), ints(corpus.valid()), ints(corpus.test())).sum());
  }

  /**
   * For arrays of so many ids; half as much again, for a heap is in parts, and no array lies in two
   * of them.
   */
  static long of(long ids) {
    return ids * Integer.BYTES * 3 / 2 + BASE;
  }

  /**
   * Makes sure that there is as much, before a corpus is read or generated.
   *
   * @param ids how many all arrays hold
   * @param heap bytes that there are
   * @throws CorpusException if that is too few
   */
  static void require(long ids, long heap) {
    long needed = of(ids);
    if (needed > heap) {
      throw new CorpusException(
          String.format(
              Locale.ROOT,
              "the corpus needs a heap of %,d MB, but this process has %,d MB: --driver-memory %dm"
                  + " gives it as much",
              megabytes(needed),
              heap >> 20,
              megabytes(needed + needed / 16))); // of what is given, a heap is a little less
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private static long ints(TokenStream stream) {
    return stream.tokens() * (stream.inputs() == stream.targets() ? 1L : 2L);
  }
}
