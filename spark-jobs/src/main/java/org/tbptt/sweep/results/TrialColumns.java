package org.tbptt.sweep.results;

import static org.tbptt.sweep.config.SettingNames.word;
import static org.tbptt.sweep.results.Column.bigint;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;
import static org.tbptt.sweep.results.Column.timestamp;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.train.EpochMetrics;

/** The columns of trials. */
final class TrialColumns {

  private static final List<Column<TrialResult>> IDENTITY =
      List.of(
          string(Table.TRIAL_ID, "hash of what decides the numbers", TrialResult::trialId),
          integer(
              "candidate",
              "index in the search that proposed it, from 0; NULL in a grid",
              TrialResult::candidate));

  private static final List<Column<TrialResult>> RESULT =
      List.of(
          string(
              "engine",
              "what computed the steps; of a failed trial, what was to compute them",
              r -> nullIfEmpty(r.outcome().engine())),
          string(
              "isa",
              "instruction set of the engine; NULL if none was opened",
              r -> nullIfEmpty(r.outcome().instructionSet())),
          string("precision", "arithmetic", r -> word(r.spec().training().precision())),
          string("corpus_id", "kind and hash of the corpus", TrialResult::corpusId),
          string(
              "status", "COMPLETED, DIVERGED, FAILED or STOPPED", r -> r.outcome().status().name()),
          string(
              "reason",
              "why it did not complete; NULL if it did",
              r -> nullIfEmpty(r.outcome().reason())),
          number(
              "best_valid_loss",
              "lowest validation loss of an epoch, nats per token; NULL if there was none",
              r -> r.outcome().best().map(EpochMetrics::validLoss).orElse(null)),
          integer(
              "best_epoch",
              "the epoch that had it, from 1",
              r -> r.outcome().best().map(EpochMetrics::epoch).orElse(null)),
          integer("epochs_run", "epochs that ended", r -> r.outcome().epochs().size()),
          bigint("train_tokens", "tokens trained on in them", r -> r.outcome().trainTokens()),
          number(
              "train_seconds",
              "seconds of training, validation not included",
              r -> r.outcome().trainSeconds()),
          number(
              "tokens_per_second",
              "train_tokens / train_seconds; NULL if no epoch ended",
              r -> r.outcome().trainTokens() / r.outcome().trainSeconds()),
          number(
              "decay_rate",
              "factor of phi from lag to lag in the tail, when last measured; NULL if never",
              r -> ofDecay(r, decay -> boxed(decay.decayRate()))),
          integer(
              "lag95",
              "smallest lag k such that lags 0..k have 95% of the sum of phi",
              r -> ofDecay(r, decay -> boxed(decay.lagCovering(0.95)))),
          integer(
              "lag99",
              "smallest lag k such that lags 0..k have 99% of the sum of phi",
              r -> ofDecay(r, decay -> boxed(decay.lagCovering(0.99)))),
          number(
              "mean_depth",
              "mean lag in steps, weighted by phi",
              r -> ofDecay(r, decay -> boxed(decay.meanDepth()))),
          integer(
              "attempts",
              "how often it was started, also after pauses at rungs",
              TrialResult::attempts),
          number(
              "checkpoint_seconds",
              "seconds that its last attempt spent on keeping checkpoints",
              r -> r.outcome().checkpointSeconds()),
          integer("threads", "threads that computed its steps together", TrialResult::threads),
          string("host", "executor's host", TrialResult::host),
          string("code_version", "version of this program", TrialResult::codeVersion),
          timestamp("started_at", "when training began", r -> r.outcome().startedAt()),
          timestamp("finished_at", "when it ended", r -> r.outcome().finishedAt()),
          number(
              LateColumns.TEST_LOSS,
              "loss on the test stream, nats per token, from test_losses; NULL before"
                  + " ./submit.sh evaluate",
              LateColumns::notYet),
          string(
              LateColumns.MODEL,
              "where the best epoch's weights are kept; NULL if they are not",
              LateColumns::notYet));

  static final List<Column<TrialResult>> ALL =
      Stream.of(
              IDENTITY.stream(),
              SettingColumns.ALL.stream().map(column -> column.in(TrialResult::spec)),
              RESULT.stream())
          .flatMap(columns -> columns)
          .toList();

  private TrialColumns() {}

  /** What the decay tells; null where nothing was measured. */
  private static <V> V ofDecay(TrialResult result, Function<LagDecay, V> value) {
    return result.outcome().decay().map(value).orElse(null);
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  private static String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
