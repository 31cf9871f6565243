package org.tbptt.model.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.truncation.Truncation;

/**
 * Which trials are the same computation. Two specs that give the same numbers on the same corpus
 * have the same canonical text, and their id is its hash: the styles stand in it as the numbers n
 * and T that they are, and settings without effect as their defaults.
 */
public final class TrialIdentity {

  /** Goes up when the same settings begin to give other numbers: old results don't count then. */
  private static final int FORMAT = 2;

  private static final int ID_DIGITS = 16;

  private TrialIdentity() {}

  /** The trial_id: the first 16 hexadecimal digits of the canonical text's SHA-256. */
  public static String of(TrialSpec spec, String corpusId) {
    byte[] text = canonicalText(spec, corpusId).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(sha256().digest(text)).substring(0, ID_DIGITS);
  }

  /** Everything that decides a trial's numbers, a "setting = value" line each. */
  public static String canonicalText(TrialSpec spec, String corpusId) {
    Truncation truncation = spec.truncation();
    RnnModel model = spec.model();
    Training training = spec.training();
    // Without dropout there is only one state to carry; with n = T, B*n is B*T.
    Carry carry = model.keepProb() == 1 ? Carry.STATE : model.carry();
    Normalisation normalisation =
        truncation.reachesWindowStart() ? Normalisation.MEAN : training.normalisation();

    StringBuilder text = new StringBuilder();
    line(text, "format", FORMAT);
    line(text, "corpus", corpusId);
    line(text, "bptt-steps", truncation.bpttSteps());
    line(text, "seq-len", truncation.seqLen());
    line(text, "cell", word(model.cell()));
    line(text, "state-size", model.stateSize());
    line(text, "embed-size", model.embedSize());
    line(text, "keep-prob", number(model.keepProb()));
    line(text, "init", word(model.init()));
    line(text, "carry", word(carry));
    line(text, "epochs", training.epochs());
    line(text, "batch-size", training.batchSize());
    line(text, "optimizer", word(training.optimizer()));
    line(text, "learning-rate", number(training.learningRate()));
    if (!training.schedule().isConstant()) {
      line(text, "schedule", word(training.schedule().kind()));
      line(text, "factor", number(training.schedule().factor()));
      line(text, "epochs-per-factor", training.schedule().epochs());
    }
    line(text, "normalisation", word(normalisation));
    line(text, "clip-norm", number(training.clipNorm()));
    if (training.engine() != EngineChoice.AUTO) {
      line(text, "engine", word(training.engine()));
    }
    line(text, "precision", word(training.precision()));
    line(text, "seed", spec.seed());
    return text.toString();
  }

  private static void line(StringBuilder text, String setting, Object value) {
    text.append(setting).append(" = ").append(value).append('\n');
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The fewest decimal digits that give the number back: Double.toString differs between JDKs. */
  private static String number(double value) {
    BigDecimal exact = new BigDecimal(value);
    int digits = 1;
    while (exact.round(new MathContext(digits)).doubleValue() != value) {
      digits++;
    }
    return exact.round(new MathContext(digits)).stripTrailingZeros().toPlainString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
