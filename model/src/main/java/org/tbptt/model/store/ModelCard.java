package org.tbptt.model.store;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.core.RnnShape;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrialSpec;

/**
 * Where a stored model's weights come from.
 *
 * @param sweep the sweep that trained it
 * @param trialId its trial
 * @param corpusId what it was trained on
 * @param vocabularySize V, at least 1
 * @param vocabularyId {@link Vocabulary#fingerprint} of the words that its ids stand for
 * @param spec the trial's settings
 * @param engine that trained it
 * @param epoch the epoch after which the weights were taken, and its metrics
 */
public record ModelCard(
    String sweep,
    String trialId,
    String corpusId,
    int vocabularySize,
    String vocabularyId,
    TrialSpec spec,
    String engine,
    EpochMetrics epoch) {

  public ModelCard {
    requireNonNull(sweep, "sweep");
    requireNonNull(trialId, "trialId");
    requireNonNull(corpusId, "corpusId");
    requireNonNull(vocabularyId, "vocabularyId");
    requireNonNull(spec, "spec");
    requireNonNull(engine, "engine");
    requireNonNull(epoch, "epoch");
    if (vocabularySize < 1) {
      throw new InvalidSettingException("vocabulary-size", vocabularySize, "must be at least 1");
    }
  }

  /** The network's sizes, in windows of one step. */
  public RnnShape shape() {
    return spec.model().shape(vocabularySize, spec.training().batchSize(), 1);
  }

  /**
   * Checks that the vocabulary is the model's own.
   *
   * @throws IllegalArgumentException if the words are not those that the model was trained on
   */
  public void require(Vocabulary vocabulary) {
    String found = vocabulary.fingerprint();
    if (vocabulary.size() != vocabularySize || !found.equals(vocabularyId)) {
      throw new IllegalArgumentException(
          "trial %s was trained on a vocabulary of %,d words (%s), but the corpus has %,d words (%s)"
              .formatted(trialId, vocabularySize, vocabularyId, vocabulary.size(), found));
    }
  }
}
