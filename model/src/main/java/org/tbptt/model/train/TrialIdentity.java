package org.tbptt.model.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import org.apache.commons.codec.digest.DigestUtils;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.Truncation;

/**
 * Which trials are the same computation. Two specs that give the same numbers on the same corpus
 * have the same canonical text, and their id is its hash. The text has the styles as their numbers,
 * and settings without effect as their defaults or not at all.
 */
public final class TrialIdentity {

  /**
   * Must be increased when the same settings give different numbers; older results no longer count
   * then.
   */
  private static final int FORMAT = 2;

  private static final int ID_DIGITS = 16;

  private TrialIdentity() {}

  /** The trial_id: the first 16 hexadecimal digits of the canonical text's SHA-256. */
  public static String of(TrialSpec spec, String corpusId) {
    return DigestUtils.sha256Hex(canonicalText(spec, corpusId)).substring(0, ID_DIGITS);
  }

  /** Everything that decides a trial's numbers, a "setting = value" line each. */
  public static String canonicalText(TrialSpec spec, String corpusId) {
    RnnModel model = spec.model();
    Training training = spec.training();
    // Without dropout both states are the same, and sentences start from zero.
    boolean carries = model.keepProb() < 1 && spec.truncation().carriesState();
    Carry carry = carries ? model.carry() : Carry.STATE;

    StringBuilder text = new StringBuilder();
    line(text, "format", FORMAT);
    line(text, "corpus", corpusId);
    truncation(text, spec);
    line(text, "cell", word(model.cell()));
    if (model.layers() > 1) {
      line(text, "layers", model.layers());
    }
    if (model.cell() == Cell.LSTM) {
      line(text, "forget-bias", number(model.forgetBias()));
    }
    line(text, "state-size", model.stateSize());
    line(text, "embed-size", model.embedSize());
    line(text, "keep-prob", number(model.keepProb()));
    line(text, "init", word(model.init()));
    if (model.init() == Initialiser.UNIFORM) {
      line(text, "init-scale", number(model.initScale()));
    }
    line(text, "carry", word(carry));
    line(text, "epochs", training.epochs());
    line(text, "batch-size", training.batchSize());
    optimizer(text, training);
    line(text, "normalisation", word(normalisation(spec)));
    line(text, "clip-norm", number(training.clipNorm()));
    if (training.engine() != EngineChoice.AUTO) {
      line(text, "engine", word(training.engine()));
    }
    line(text, "precision", word(training.precision()));
    line(text, "seed", spec.seed());
    return text.toString();
  }

  /** The style as its numbers T, n, k1, P and pi, and u. */
  private static void truncation(StringBuilder text, TrialSpec spec) {
    Truncation truncation = spec.truncation();
    if (!truncation.carriesState()) {
      line(text, "windows", "sentences");
      line(text, "bptt-steps", truncation.bpttSteps());
      return;
    }
    int seqLen = truncation.seqLen();
    // If every error reaches the start of the window, one backward pass computes the same as
    // several.
    boolean onePass = truncation.reachesWindowStart();
    int every = spec.training().updateEvery();
    line(text, "seq-len", seqLen);
    line(text, "bptt-steps", onePass ? seqLen : truncation.bpttSteps());
    line(text, "k1", onePass ? seqLen : truncation.injectEvery());
    line(text, "history", truncation.historySteps());
    line(text, "pi", number(truncation.linkKeep()));
    line(text, "update-every", every == 0 ? seqLen : every);
    if (truncation.allowedBias().isPresent()) {
      line(text, "delta", number(truncation.allowedBias().getAsDouble()));
      line(text, "diagnostics.windows", spec.diagnostics().windows());
      line(text, "diagnostics.max-lag", spec.diagnostics().maxLag());
      line(text, "diagnostics.horizon", spec.diagnostics().horizon());
    }
  }

  /** The rate with its schedule, and the parameters that the optimiser has. */
  private static void optimizer(StringBuilder text, Training training) {
    Optimizer optimizer = training.update().optimizer();
    line(text, "optimizer", word(optimizer));
    if (optimizer == Optimizer.MOMENTUM) {
      line(text, "momentum", number(training.momentum()));
    }
    if (optimizer == Optimizer.RMSPROP) {
      line(text, "rms-decay", number(training.rmsDecay()));
    }
    line(text, "learning-rate", number(training.learningRate()));
    Schedule schedule = training.schedule();
    if (!schedule.isConstant(training.epochs())) {
      line(text, "schedule", word(schedule.kind()));
      line(text, "schedule.factor", number(schedule.factor()));
      line(text, "schedule.epochs", schedule.epochs());
      if (schedule.fallsAfter() != schedule.ownFall()) {
        line(text, "schedule.after", schedule.fallsAfter());
      }
    }
  }

  /** With n = T in every epoch, B*n is B*T. */
  private static Normalisation normalisation(TrialSpec spec) {
    Truncation truncation = spec.truncation();
    Normalisation normalisation = spec.training().normalisation();
    boolean same =
        normalisation == Normalisation.R2RT
            && truncation.bpttSteps() == truncation.seqLen()
            && truncation.allowedBias().isEmpty();
    return same ? Normalisation.MEAN : normalisation;
  }

  private static void line(StringBuilder text, String setting, Object value) {
    text.append(setting).append(" = ").append(value).append('\n');
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The fewest decimal digits that identify the number; Double.toString differs between JDKs. */
  private static String number(double value) {
    BigDecimal exact = new BigDecimal(value);
    int digits = 1;
    while (exact.round(new MathContext(digits)).doubleValue() != value) {
      digits++;
    }
    return exact.round(new MathContext(digits)).stripTrailingZeros().toPlainString();
  }
}
