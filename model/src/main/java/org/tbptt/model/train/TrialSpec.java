package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.stream.Stream;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.SentenceWindows;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.WindowSource;
import org.tbptt.model.corpus.WindowStream;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.Truncation;

/**
 * One point of the grid with its seed: everything except the corpus that decides a trial's numbers.
 *
 * @param truncation how far errors go back
 * @param model the network
 * @param training how it is trained
 * @param diagnostics what is measured during training
 * @param seed the key of every random number of the trial
 */
public record TrialSpec(
    Truncation truncation, RnnModel model, Training training, Diagnostics diagnostics, long seed)
    implements Serializable {

  /**
   * @throws IllegalArgumentException if the optimiser's updates, the style and the normalisation
   *     cannot be combined
   */
  public TrialSpec {
    requireNonNull(truncation, "truncation");
    requireNonNull(model, "model");
    requireNonNull(training, "training");
    requireNonNull(diagnostics, "diagnostics");
    training.update().check(truncation, training.normalisation());
    if (truncation.allowedBias().isPresent() && !diagnostics.on()) {
      throw new InvalidSettingException(
          "diagnostics.windows",
          0,
          "must be at least 1 for style = adaptive, which chooses bptt-steps from these"
              + " measurements");
    }
    training
        .engine()
        .wanted()
        .check(
            truncation, model, training.update(), training.normalisation(), diagnostics.windows());
  }

  /** A trial without diagnostics. */
  public TrialSpec(Truncation truncation, RnnModel model, Training training, long seed) {
    this(truncation, model, training, Diagnostics.OFF, seed);
  }

  /**
   * The windows of a stream of a corpus.
   *
   * @throws IllegalArgumentException if the stream is shorter than one window, or the style
   *     sentence is used with a corpus without sentences
   */
  public WindowSource windows(Corpus corpus, TokenStream stream) {
    return truncation.carriesState()
        ? new WindowStream(stream, training.batchSize(), truncation.seqLen())
        : new SentenceWindows(corpus, stream, training.batchSize(), seed);
  }

  /**
   * What an engine needs to train, evaluate and test on a corpus; its T is that of the longest
   * window.
   *
   * @throws IllegalArgumentException as {@link #windows}
   */
  public CoreConfig core(Corpus corpus) {
    int steps =
        truncation.carriesState()
            ? truncation.seqLen()
            : Stream.of(corpus.train(), corpus.valid(), corpus.test())
                .mapToInt(stream -> windows(corpus, stream).longestWindow())
                .max()
                .orElseThrow();
    return new CoreConfig(
        corpus.vocabulary().size(),
        training.batchSize(),
        steps,
        model,
        truncation,
        training.update(),
        training.normalisation(),
        training.precision());
  }
}
