package org.tbptt.sweep.results;

import static org.tbptt.sweep.results.Column.bigint;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.List;
import org.tbptt.model.train.EpochMetrics;

/** A row of epochs: an epoch and the trial that it belongs to. */
record TrialEpoch(String trialId, EpochMetrics metrics) {

  static final List<Column<TrialEpoch>> COLUMNS =
      List.of(
          string(Table.TRIAL_ID, "the trial", TrialEpoch::trialId),
          integer("epoch", "from 1", e -> e.metrics.epoch()),
          integer(
              "bptt_steps",
              "n used in this epoch; the style adaptive chooses it for each epoch",
              e -> e.metrics.bpttSteps()),
          number(
              "bias_bound",
              "adaptive: bound on the gradient's relative bias with that n; NULL if none",
              e -> e.metrics.biasBound()),
          number(
              "train_loss",
              "mean over the epoch while training, with dropout; nats per token",
              e -> e.metrics.trainLoss()),
          number(
              "valid_loss",
              "after the epoch; nats per token, NULL if the trial diverged",
              e -> e.metrics.validLoss()),
          number("valid_perplexity", "exp(valid_loss)", e -> e.metrics.validPerplexity()),
          number(
              "grad_norm",
              "mean L2 norm of a window's gradients before clipping",
              e -> e.metrics.gradientNorm()),
          number(
              "clipped_share",
              "share of windows that were clipped, 0 to 1",
              e -> e.metrics.clippedShare()),
          number(
              "update_norm",
              "L2 norm of what the epoch changed in the parameters",
              e -> e.metrics.updateNorm()),
          bigint("tokens", "trained on in this epoch", e -> e.metrics.tokens()),
          number("seconds", "of training, validation not included", e -> e.metrics.seconds()),
          number("tokens_per_second", "tokens / seconds", e -> e.metrics.tokensPerSecond()));

  /** The rows of a trial. */
  static List<TrialEpoch> of(String trialId, List<EpochMetrics> epochs) {
    return epochs.stream().map(metrics -> new TrialEpoch(trialId, metrics)).toList();
  }
}
