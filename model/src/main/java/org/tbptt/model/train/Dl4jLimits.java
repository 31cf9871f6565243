package org.tbptt.model.train;

import java.util.Locale;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.Truncation;

/** What DL4J's own training has not. */
final class Dl4jLimits {

  private Dl4jLimits() {}

  /**
   * Refuses a trial that DL4J cannot train.
   *
   * @throws IllegalArgumentException with one line that names the setting
   */
  static void check(
      Truncation truncation, RnnModel model, Training training, Diagnostics diagnostics) {
    if (!(truncation instanceof TensorFlowStyle)) {
      throw refused("style = " + truncation.style(), "tf");
    }
    Optimizer optimizer = training.optimizer();
    if (optimizer != Optimizer.ADAM && optimizer != Optimizer.SGD) {
      throw refused("optimizer = " + optimizer.name().toLowerCase(Locale.ROOT), "adam or sgd");
    }
    if (training.clipNorm() != 0) {
      throw refused("clip-norm = " + training.clipNorm(), "0");
    }
    if (training.updateEvery() != 0 && training.updateEvery() != truncation.seqLen()) {
      throw refused("update-every = " + training.updateEvery(), "0");
    }
    if (model.carry() == Carry.POST_DROPOUT && model.keepProb() < 1) {
      throw refused("carry = post-dropout", "state");
    }
    if (diagnostics.on()) {
      throw refused("diagnostics.windows = " + diagnostics.windows(), "0");
    }
  }

  private static IllegalArgumentException refused(String setting, String allowed) {
    return new IllegalArgumentException(
        setting + ": must be " + allowed + " for training.engine = dl4j");
  }
}
