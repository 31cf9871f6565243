package org.tbptt.sweep.results;

import static org.tbptt.sweep.config.SettingNames.word;
import static org.tbptt.sweep.results.Column.bigint;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.train.Schedule;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;

/** The columns of trials that are a trial's settings, each in its own. */
final class SettingColumns {

  static final List<Column<TrialSpec>> ALL =
      List.of(
          string("style", "style of truncation", s -> s.truncation().style()),
          integer(
              "bptt_steps",
              "n: steps an error reaches, its own included",
              s -> s.truncation().bpttSteps()),
          integer(
              "seq_len",
              "T: steps of a window; NULL for sentences",
              s -> nullIfZero(s.truncation().seqLen())),
          integer(
              "k1",
              "errors that are injected in one backward pass",
              s -> s.truncation().injectEvery()),
          integer(
              "history",
              "P: steps before the window that errors can reach",
              s -> s.truncation().historySteps()),
          number(
              "link_keep",
              "pi: probability that an error crosses a link",
              s -> s.truncation().linkKeep()),
          number(
              "delta",
              "relative bias that adaptive allows; NULL for other styles",
              s -> boxed(s.truncation().allowedBias())),
          number(
              "learning_rate",
              "the optimiser's rate at the start",
              s -> s.training().learningRate()),
          string(
              "schedule",
              "how the rate falls: constant, step or exponential",
              s -> word(s.training().schedule().kind())),
          number(
              "schedule_factor",
              "what the rate is multiplied by; NULL if it is constant",
              s -> falling(s, Schedule::factor)),
          integer(
              "schedule_epochs",
              "after how many epochs; NULL if it is constant",
              s -> falling(s, Schedule::epochs)),
          integer(
              "schedule_after",
              "the epoch after which the rate begins to fall; NULL if it is constant",
              s -> falling(s, Schedule::fallsAfter)),
          string("cell", "what a recurrent layer computes", s -> word(s.model().cell())),
          integer("layers", "L: recurrent layers, one above the other", s -> s.model().layers()),
          number(
              "forget_bias",
              "where the forget gate's bias starts; NULL for other cells than lstm",
              s -> s.model().cell() == Cell.LSTM ? s.model().forgetBias() : null),
          integer("state_size", "H", s -> s.model().stateSize()),
          integer("embed_size", "E", s -> s.model().embedSize()),
          integer("batch_size", "B", s -> s.training().batchSize()),
          number(
              "keep_prob", "probability that dropout keeps an element", s -> s.model().keepProb()),
          string(
              "optimizer",
              "what turns gradients into updates",
              s -> word(s.training().optimizer())),
          number(
              "momentum",
              "share of its velocity that momentum keeps; NULL for other optimisers",
              s -> of(Optimizer.MOMENTUM, s, Training::momentum)),
          number(
              "rms_decay",
              "share of its mean square that rmsprop keeps; NULL for other optimisers",
              s -> of(Optimizer.RMSPROP, s, Training::rmsDecay)),
          integer(
              "update_every",
              "u: steps of a window between two updates; NULL for once per window",
              SettingColumns::updateEvery),
          number(
              "clip_norm",
              "largest L2 norm of all gradients together; 0 clips nothing",
              s -> s.training().clipNorm()),
          string("init", "how the matrices start", s -> word(s.model().init())),
          number(
              "init_scale",
              "half the width of uniform; NULL for other ways to start",
              s -> s.model().init() == Initialiser.UNIFORM ? s.model().initScale() : null),
          string("carry", "which state goes into the next window", s -> word(s.model().carry())),
          string(
              "normalisation",
              "what gradients are divided by",
              s -> word(s.training().normalisation())),
          bigint("seed", "the random seed", TrialSpec::seed),
          integer("epochs", "epochs asked for", s -> s.training().epochs()));

  private SettingColumns() {}

  private static Integer nullIfZero(int number) {
    return number == 0 ? null : number;
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static <V> V falling(TrialSpec spec, Function<Schedule, V> value) {
    Schedule schedule = spec.training().schedule();
    return schedule.kind() == Schedule.Kind.CONSTANT ? null : value.apply(schedule);
  }

  private static <V> V of(Optimizer optimizer, TrialSpec spec, Function<Training, V> value) {
    return spec.training().optimizer() == optimizer ? value.apply(spec.training()) : null;
  }

  private static Integer updateEvery(TrialSpec spec) {
    int every = spec.training().updateEvery();
    return every == spec.truncation().seqLen() ? null : nullIfZero(every);
  }
}
