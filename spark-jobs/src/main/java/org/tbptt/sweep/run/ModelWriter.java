package org.tbptt.sweep.run;

import java.io.IOException;
import java.io.Serializable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.ModelCard;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.sweep.config.KeepModels;
import org.tbptt.sweep.results.ModelStore;

/** The executor's part in keeping models: writes a running trial's best epoch so far. */
final class ModelWriter implements Serializable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelWriter.class);

  private final KeepModels keep;
  private final ModelStore models;
  private final String sweep;

  ModelWriter(KeepModels keep, ModelStore models, String sweep) {
    this.keep = keep;
    this.models = models;
    this.sweep = sweep;
  }

  /** A file system that refuses costs the model, not the trial. */
  void improved(PlannedTrial trial, Corpus corpus, EpochMetrics epoch, RnnCore core) {
    if (keep == KeepModels.NONE) {
      return;
    }
    ModelCard card =
        new ModelCard(
            sweep,
            trial.id(),
            corpus.id(),
            corpus.vocabulary().size(),
            corpus.vocabulary().fingerprint(),
            trial.spec(),
            core.engine(),
            epoch);
    try (StoredModel model = StoredModel.of(card, core)) {
      models.writeRunning(model);
    } catch (IOException refused) {
      LOG.warn("the model of trial {} is not kept: {}", trial.id(), refused.getMessage());
    }
  }
}
