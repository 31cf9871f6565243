package org.tbptt.sweep.run;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.ModelCard;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.sweep.config.KeepModels;

/**
 * The model after a running trial's best epoch so far, in a file of this machine until it is stored
 * with the next checkpoint: what is not in a checkpoint is trained again, and gives the same model.
 * What this machine refuses costs the model, not the trial.
 */
final class BestModel implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BestModel.class);

  private final String sweep;
  private final PlannedTrial trial;
  private final Corpus corpus;
  private final KeepModels keep;
  private final Path file;
  private int epoch; // of the model in the file that is not stored yet; 0 if there is none

  /**
   * @param folder of this machine, for the file
   */
  BestModel(String sweep, PlannedTrial trial, Corpus corpus, KeepModels keep, Path folder) {
    this.sweep = sweep;
    this.trial = trial;
    this.corpus = corpus;
    this.keep = keep;
    this.file = folder.resolve("model-" + trial.id() + "-" + UUID.randomUUID());
  }

  /** An epoch was better than all before it. */
  void improved(EpochMetrics metrics, RnnCore core) {
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
            metrics);
    epoch = 0;
    try (StoredModel model = StoredModel.of(card, core);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      model.write(out);
    } catch (IOException refused) {
      LOG.warn("the model of trial {} is not kept: {}", trial.id(), refused.getMessage());
      return;
    }
    epoch = metrics.epoch();
  }

  /** The epoch whose model is still to be stored. */
  OptionalInt epoch() {
    return epoch == 0 ? OptionalInt.empty() : OptionalInt.of(epoch);
  }

  void writeTo(OutputStream out) throws IOException {
    Files.copy(file, out);
  }

  /** Its model need not be stored again. */
  void stored() {
    epoch = 0;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException refused) {
      LOG.warn("{} is left behind: {}", file, refused.getMessage());
    }
  }
}
