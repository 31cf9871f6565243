package org.tbptt.bench;

import java.util.Random;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.WindowStream;

/** Text without meaning, but with a word's frequency falling with its rank as in texts (Zipf). */
final class SyntheticCorpus {

  /** After so many windows it begins anew. */
  private static final long WINDOWS = 64;

  private SyntheticCorpus() {}

  static WindowStream of(Workload workload) {
    int vocabulary = workload.vocabulary();
    int[] tokens =
        new Random(1)
            .doubles(workload.batch() * (WINDOWS * workload.steps() + 1))
            .mapToInt(u -> (int) Math.pow(vocabulary + 1.0, u) - 1)
            .map(token -> Math.min(token, vocabulary - 1))
            .toArray();
    return new WindowStream(TokenStream.ofText(tokens), workload.batch(), workload.steps());
  }
}
