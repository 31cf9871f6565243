package org.tbptt.model.train;

import java.util.stream.Stream;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.SentenceWindows;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.WindowSource;
import org.tbptt.model.corpus.WindowStream;

/** A corpus as a trial reads it: cut into the windows of its style. */
public final class TrialWindows {

  private TrialWindows() {}

  /**
   * Cuts one stream of a corpus. Where the windows begin is found once for each corpus, whatever
   * the number of trials.
   *
   * @throws IllegalArgumentException if the stream is shorter than one window, or a corpus without
   *     sentences is to be cut into them
   */
  public static WindowSource of(TrialSpec spec, Corpus corpus, TokenStream stream) {
    int batchSize = spec.training().batchSize();
    return spec.truncation().carriesState()
        ? new WindowStream(stream, batchSize, spec.truncation().seqLen())
        : new SentenceWindows(corpus, stream, batchSize, spec.seed());
  }

  /**
   * What an engine needs to train, evaluate and test a trial: its T is that of the longest window.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static CoreConfig core(TrialSpec spec, Corpus corpus) {
    int steps =
        spec.truncation().carriesState()
            ? spec.truncation().seqLen()
            : Stream.of(corpus.train(), corpus.valid(), corpus.test())
                .mapToInt(stream -> of(spec, corpus, stream).longestWindow())
                .max()
                .orElseThrow();
    return spec.core(corpus.vocabulary().size(), steps);
  }
}
