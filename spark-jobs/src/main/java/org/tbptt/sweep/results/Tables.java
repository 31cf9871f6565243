package org.tbptt.sweep.results;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.spark.sql.types.DataType;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Schedule;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.config.SettingNames;

/** The tables' schemas: the only place that names columns. Losses are nats per token. */
public final class Tables {

  /** The column that says which trial a row belongs to. */
  static final String TRIAL_ID = "trial_id";

  /** An epoch and the trial that it belongs to. */
  public record TrialEpoch(String trialId, EpochMetrics metrics) {}

  /**
   * A lag, the epoch after which it was measured, and the trial that it belongs to.
   *
   * @param ratio its phi by that of the lag before; null at lag 0
   */
  public record TrialLag(String trialId, int epoch, Lag lag, Double ratio) {}

  /** A bias, the epoch after which it was measured, and the trial that it belongs to. */
  public record TrialBias(String trialId, int epoch, Bias bias) {}

  /** One row per finished trial. */
  public static final Table<TrialResult> TRIALS =
      new Table<>(
          "trials",
          List.of(
              column(
                  TRIAL_ID, StringType, "hash of what decides the numbers", TrialResult::trialId),
              column(
                  "style", StringType, "style of truncation", r -> r.spec().truncation().style()),
              column(
                  "bptt_steps",
                  IntegerType,
                  "n: steps an error reaches, its own included",
                  r -> r.spec().truncation().bpttSteps()),
              column(
                  "seq_len",
                  IntegerType,
                  "T: steps of a window; NULL for sentences",
                  r -> nullIfZero(r.spec().truncation().seqLen())),
              column(
                  "k1",
                  IntegerType,
                  "errors that are injected in one backward pass",
                  r -> r.spec().truncation().injectEvery()),
              column(
                  "history",
                  IntegerType,
                  "P: steps before the window that errors can reach",
                  r -> r.spec().truncation().historySteps()),
              column(
                  "link_keep",
                  DoubleType,
                  "pi: probability that an error crosses a link",
                  r -> r.spec().truncation().linkKeep()),
              column(
                  "delta",
                  DoubleType,
                  "relative bias that adaptive allows; NULL for other styles",
                  r -> delta(r.spec().truncation())),
              column(
                  "learning_rate",
                  DoubleType,
                  "the optimiser's rate at the start",
                  r -> r.spec().training().learningRate()),
              column(
                  "schedule",
                  StringType,
                  "how the rate falls: constant, step or exponential",
                  r -> SettingNames.word(r.spec().training().schedule().kind())),
              column(
                  "schedule_factor",
                  DoubleType,
                  "what the rate is multiplied by; NULL if it is constant",
                  r -> falling(r, Schedule::factor)),
              column(
                  "schedule_epochs",
                  IntegerType,
                  "after how many epochs; NULL if it is constant",
                  r -> falling(r, Schedule::epochs)),
              column(
                  "cell",
                  StringType,
                  "nonlinearity",
                  r -> SettingNames.word(r.spec().model().cell())),
              column("state_size", IntegerType, "H", r -> r.spec().model().stateSize()),
              column("embed_size", IntegerType, "E", r -> r.spec().model().embedSize()),
              column("batch_size", IntegerType, "B", r -> r.spec().training().batchSize()),
              column(
                  "keep_prob",
                  DoubleType,
                  "probability that dropout keeps an element",
                  r -> r.spec().model().keepProb()),
              column(
                  "optimizer",
                  StringType,
                  "what turns gradients into updates",
                  r -> SettingNames.word(r.spec().training().optimizer())),
              column(
                  "momentum",
                  DoubleType,
                  "share of its velocity that momentum keeps; NULL for other optimisers",
                  r -> of(Optimizer.MOMENTUM, r, Training::momentum)),
              column(
                  "rms_decay",
                  DoubleType,
                  "share of its mean square that rmsprop keeps; NULL for other optimisers",
                  r -> of(Optimizer.RMSPROP, r, Training::rmsDecay)),
              column(
                  "update_every",
                  IntegerType,
                  "u: steps of a window between two updates; NULL for once per window",
                  r -> updateEvery(r.spec())),
              column(
                  "clip_norm",
                  DoubleType,
                  "largest L2 norm of all gradients together; 0 clips nothing",
                  r -> r.spec().training().clipNorm()),
              column(
                  "init",
                  StringType,
                  "how the matrices start",
                  r -> SettingNames.word(r.spec().model().init())),
              column(
                  "carry",
                  StringType,
                  "which state goes into the next window",
                  r -> SettingNames.word(r.spec().model().carry())),
              column(
                  "normalisation",
                  StringType,
                  "what the recurrent gradients are divided by",
                  r -> SettingNames.word(r.spec().training().normalisation())),
              column("seed", LongType, "key of every random number", r -> r.spec().seed()),
              column("epochs", IntegerType, "epochs asked for", r -> r.spec().training().epochs()),
              column(
                  "engine",
                  StringType,
                  "what computed the steps; NULL if none was opened",
                  r -> nullIfEmpty(r.outcome().engine())),
              column(
                  "isa",
                  StringType,
                  "instruction set of the engine; NULL if none was opened",
                  r -> nullIfEmpty(r.outcome().instructionSet())),
              column(
                  "precision",
                  StringType,
                  "arithmetic",
                  r -> SettingNames.word(r.spec().training().precision())),
              column("corpus_id", StringType, "kind and hash of the corpus", TrialResult::corpusId),
              column(
                  "status",
                  StringType,
                  "COMPLETED, DIVERGED or FAILED",
                  r -> r.outcome().status().name()),
              column(
                  "reason",
                  StringType,
                  "why it did not complete; NULL if it did",
                  r -> nullIfEmpty(r.outcome().reason())),
              column(
                  "best_valid_loss",
                  DoubleType,
                  "lowest validation loss of an epoch, nats per token; NULL if there was none",
                  r -> r.outcome().best().map(EpochMetrics::validLoss).orElse(null)),
              column(
                  "best_epoch",
                  IntegerType,
                  "the epoch that had it, from 1",
                  r -> r.outcome().best().map(EpochMetrics::epoch).orElse(null)),
              column(
                  "epochs_run", IntegerType, "epochs that ended", r -> r.outcome().epochs().size()),
              column(
                  "train_tokens",
                  LongType,
                  "tokens trained on in them",
                  r -> r.outcome().trainTokens()),
              column(
                  "train_seconds",
                  DoubleType,
                  "seconds of training, validation not included",
                  r -> r.outcome().trainSeconds()),
              column(
                  "tokens_per_second",
                  DoubleType,
                  "train_tokens / train_seconds; NULL if no epoch ended",
                  r -> finite(r.outcome().trainTokens() / r.outcome().trainSeconds())),
              column(
                  "decay_rate",
                  DoubleType,
                  "factor of phi from lag to lag in the tail, when last measured; NULL if never",
                  r -> ofDecay(r, decay -> boxed(decay.decayRate()))),
              column(
                  "lag95",
                  IntegerType,
                  "smallest lag k such that lags 0..k have 95% of the sum of phi",
                  r -> ofDecay(r, decay -> boxed(decay.lagCovering(0.95)))),
              column(
                  "lag99",
                  IntegerType,
                  "smallest lag k such that lags 0..k have 99% of the sum of phi",
                  r -> ofDecay(r, decay -> boxed(decay.lagCovering(0.99)))),
              column(
                  "mean_depth",
                  DoubleType,
                  "mean lag in steps, weighted by phi",
                  r -> ofDecay(r, decay -> boxed(decay.meanDepth()))),
              column("attempts", IntegerType, "how often it was started", TrialResult::attempts),
              column(
                  "checkpoint_seconds",
                  DoubleType,
                  "seconds that its last attempt spent on keeping checkpoints",
                  r -> r.outcome().checkpointSeconds()),
              column(
                  "threads",
                  IntegerType,
                  "threads that computed its steps together",
                  TrialResult::threads),
              column("host", StringType, "executor's host", TrialResult::host),
              column(
                  "code_version", StringType, "version of this program", TrialResult::codeVersion),
              column(
                  "started_at", TimestampType, "when training began", r -> r.outcome().startedAt()),
              column("finished_at", TimestampType, "when it ended", r -> r.outcome().finishedAt()),
              late(
                  LateColumns.TEST_LOSS,
                  DoubleType,
                  "loss on the test stream, nats per token, from test_losses; NULL before"
                      + " ./submit.sh evaluate"),
              late(
                  LateColumns.MODEL,
                  StringType,
                  "where the best epoch's weights are kept; NULL if they are not")));

  /** One row per epoch of a finished trial. */
  public static final Table<TrialEpoch> EPOCHS =
      new Table<>(
          "epochs",
          List.of(
              column(TRIAL_ID, StringType, "the trial", TrialEpoch::trialId),
              column("epoch", IntegerType, "from 1", e -> e.metrics().epoch()),
              column(
                  "bptt_steps",
                  IntegerType,
                  "n in use in this epoch: the style adaptive chooses it anew",
                  e -> e.metrics().bpttSteps()),
              column(
                  "bias_bound",
                  DoubleType,
                  "adaptive: bound on the gradient's relative bias with that n; NULL if none",
                  e -> finite(e.metrics().biasBound())),
              column(
                  "train_loss",
                  DoubleType,
                  "mean over the epoch while training, with dropout; nats per token",
                  e -> finite(e.metrics().trainLoss())),
              column(
                  "valid_loss",
                  DoubleType,
                  "after the epoch; nats per token, NULL if the trial diverged",
                  e -> finite(e.metrics().validLoss())),
              column(
                  "valid_perplexity",
                  DoubleType,
                  "exp(valid_loss)",
                  e -> finite(e.metrics().validPerplexity())),
              column(
                  "grad_norm",
                  DoubleType,
                  "mean L2 norm of a window's gradients before clipping",
                  e -> finite(e.metrics().gradientNorm())),
              column(
                  "clipped_share",
                  DoubleType,
                  "share of windows that were clipped, 0 to 1",
                  e -> e.metrics().clippedShare()),
              column(
                  "update_norm",
                  DoubleType,
                  "L2 norm of what the epoch changed in the parameters",
                  e -> finite(e.metrics().updateNorm())),
              column("tokens", LongType, "trained on in this epoch", e -> e.metrics().tokens()),
              column(
                  "seconds",
                  DoubleType,
                  "of training, validation not included",
                  e -> e.metrics().seconds()),
              column(
                  "tokens_per_second",
                  DoubleType,
                  "tokens / seconds",
                  e -> finite(e.metrics().tokensPerSecond()))));

  /** One row per lag, for each time that a finished trial's gradients were measured. */
  public static final Table<TrialLag> LAGS =
      new Table<>(
          "lags",
          List.of(
              column("trial_id", StringType, "the trial", TrialLag::trialId),
              column(
                  "epoch",
                  IntegerType,
                  "after which it was measured; 0: untrained",
                  TrialLag::epoch),
              column("lag", IntegerType, "k: steps back from a loss, from 0", l -> l.lag().lag()),
              column(
                  "phi",
                  DoubleType,
                  "mean L2 norm of dloss_t/dh_{t-k}, nats per token",
                  l -> finite(l.lag().phi())),
              column(
                  "w_l1",
                  DoubleType,
                  "L1 norm of the lag's part of the W gradient",
                  l -> finite(l.lag().wL1())),
              column(
                  "w_l2",
                  DoubleType,
                  "L2 norm of the lag's part of the W gradient",
                  l -> finite(l.lag().wL2())),
              column(
                  "ratio",
                  DoubleType,
                  "phi / phi of the lag before; NULL at lag 0",
                  l -> l.ratio() == null ? null : finite(l.ratio()))));

  /**
   * One row per parameter and one for all together, for each time that a finished trial's gradients
   * were measured.
   */
  public static final Table<TrialBias> BIAS =
      new Table<>(
          "bias",
          List.of(
              column("trial_id", StringType, "the trial", TrialBias::trialId),
              column(
                  "epoch",
                  IntegerType,
                  "after which it was measured; 0: untrained",
                  TrialBias::epoch),
              column(
                  "parameter",
                  StringType,
                  "Emb, W, b, Ws or bs; all: together",
                  b -> b.bias().parameter()),
              column(
                  "relative_bias",
                  DoubleType,
                  "length of g_style - g_full by that of g_full; NULL if g_full is 0",
                  b -> finite(b.bias().relative())),
              column(
                  "cosine",
                  DoubleType,
                  "of the angle between g_style and g_full; NULL if one is 0",
                  b -> finite(b.bias().cosine()))));

  /** One row per sweep: what it was told when it was last run. */
  public static final Table<SweepRecord> SWEEPS =
      new Table<>(
          "sweeps",
          List.of(
              column("conf", StringType, "resolved conf, JSON", SweepRecord::conf),
              column("corpus_id", StringType, "kind and hash of the corpus", SweepRecord::corpusId),
              column("vocabulary_size", IntegerType, "V", SweepRecord::vocabularySize),
              column(
                  "train_tokens",
                  LongType,
                  "tokens in the training stream",
                  SweepRecord::trainTokens),
              column(
                  "valid_tokens",
                  LongType,
                  "tokens in the validation stream",
                  SweepRecord::validTokens),
              column("test_tokens", LongType, "tokens in the test stream", SweepRecord::testTokens),
              column(
                  "planned_trials",
                  IntegerType,
                  "distinct trials of the grid, and those that the tables have of grids that the"
                      + " sweep had before",
                  SweepRecord::plannedTrials),
              column(
                  "code_version", StringType, "version of this program", SweepRecord::codeVersion),
              column("spark_version", StringType, "version of Spark", SweepRecord::sparkVersion),
              column("started_at", TimestampType, "when it was last run", SweepRecord::startedAt)));

  /** One row per evaluated trial. */
  public static final Table<TestLoss> TEST_LOSSES =
      new Table<>(
          "test_losses",
          List.of(
              column(TRIAL_ID, StringType, "the trial", TestLoss::trialId),
              column(
                  LateColumns.TEST_LOSS,
                  DoubleType,
                  "loss on the test stream, nats per token",
                  l -> finite(l.loss())),
              column("engine", StringType, "what computed it", TestLoss::engine),
              column(
                  "dl4j_test_loss",
                  DoubleType,
                  "the same by DL4J on Spark, nats per token",
                  l -> finite(l.dl4jLoss())),
              column("tokens", LongType, "tokens predicted", TestLoss::tokens),
              column("epoch", IntegerType, "the epoch of the weights", TestLoss::epoch),
              column("code_version", StringType, "version of this program", TestLoss::codeVersion),
              column("evaluated_at", TimestampType, "when", TestLoss::evaluatedAt)));

  /** The tables whose rows are written with a trial. */
  static final List<Table<?>> BY_TRIAL = List.of(TRIALS, EPOCHS, LAGS, BIAS);

  /** Every table. */
  public static final List<Table<?>> ALL = List.of(TRIALS, EPOCHS, LAGS, BIAS, TEST_LOSSES, SWEEPS);

  private Tables() {}

  private static <T> Column<T> column(
      String name, DataType type, String comment, Function<T, Object> value) {
    return new Column<>(name, type, comment, value);
  }

  /** What the decay tells; null where nothing was measured. */
  private static <V> V ofDecay(TrialResult result, Function<LagDecay, V> value) {
    return result.outcome().decay().map(value).orElse(null);
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? finite(value.getAsDouble()) : null;
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  /** A column that is NULL in the files and filled in as they are read. */
  private static <T> Column<T> late(String name, DataType type, String comment) {
    return new Column<>(name, type, comment, row -> null);
  }

  private static Integer nullIfZero(int number) {
    return number == 0 ? null : number;
  }

  private static Double delta(Truncation truncation) {
    OptionalDouble delta = truncation.allowedBias();
    return delta.isPresent() ? delta.getAsDouble() : null;
  }

  private static <V> V falling(TrialResult result, Function<Schedule, V> value) {
    Schedule schedule = result.spec().training().schedule();
    return schedule.kind() == Schedule.Kind.CONSTANT ? null : value.apply(schedule);
  }

  private static <V> V of(Optimizer optimizer, TrialResult result, Function<Training, V> value) {
    Training training = result.spec().training();
    return training.optimizer() == optimizer ? value.apply(training) : null;
  }

  private static Integer updateEvery(TrialSpec spec) {
    int every = spec.training().updateEvery();
    return every == spec.truncation().seqLen() ? null : nullIfZero(every);
  }

  private static String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }

  /** A number that is not finite is NULL, so that it can never rank first. */
  private static Double finite(double number) {
    return Double.isFinite(number) ? number : null;
  }
}
