package org.tbptt.model.corpus;

import java.util.Locale;
import java.util.stream.LongStream;

/** The heap that a process needs for a corpus, of which it holds one copy. */
public final class HeapNeed {

  /** For everything else. */
  private static final long BASE = 256L << 20;

  private HeapNeed() {}

  /** For an existing corpus. */
  public static long of(Corpus corpus) {
    return of(LongStream.of(ints(corpus.train()), ints(corpus.valid()), ints(corpus.test())).sum());
  }

  /**
   * For arrays of this many ids: 1.5 times their size, because the heap is divided into parts and
   * no array spans two of them.
   */
  static long of(long ids) {
    return ids * Integer.BYTES * 3 / 2 + BASE;
  }

  /**
   * Checks that the heap is large enough, before a corpus is read or generated.
   *
   * @param ids in all arrays together
   * @param heap bytes available
   * @throws CorpusException if the heap is too small
   */
  static void require(long ids, long heap) {
    long needed = of(ids);
    if (needed > heap) {
      throw new CorpusException(
          String.format(
              Locale.ROOT,
              "the corpus needs a heap of %,d MB, but this process has %,d MB: --driver-memory %dm"
                  + " gives it enough",
              megabytes(needed),
              heap >> 20,
              megabytes(needed + needed / 16))); // the usable heap is a little smaller than -Xmx
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private static long ints(TokenStream stream) {
    return stream.tokens() * (stream.inputs() == stream.targets() ? 1L : 2L);
  }
}
