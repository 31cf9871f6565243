package org.tbptt.sweep.stopping;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * The settings of a sweep's stopping rule. Those that the kind does not use have no effect.
 *
 * @param kind the rule
 * @param minEpochs epochs that every trial is trained, at least 1
 * @param factor for successive halving: one trial of so many goes on, and rungs are so many times
 *     as far apart each time; at least 2
 * @param patience for patience: epochs without a better loss, at least 1
 * @param minDelta for patience: by how much a loss has to be better, nats per token, at least 0
 */
public record Stopping(Kind kind, int minEpochs, int factor, int patience, double minDelta) {

  /** Every trial is trained to its last epoch. */
  public static final Stopping OFF = new Stopping(Kind.NONE, 1, 3, 3, 0);

  /** The rules. */
  public enum Kind {
    NONE,
    PATIENCE,
    MEDIAN,
    SUCCESSIVE_HALVING
  }

  public Stopping {
    requireNonNull(kind, "kind");
    if (minEpochs < 1) {
      throw new InvalidSettingException("min-epochs", minEpochs, "must be at least 1");
    }
    if (factor < 2) {
      throw new InvalidSettingException("factor", factor, "must be at least 2");
    }
    if (patience < 1) {
      throw new InvalidSettingException("patience", patience, "must be at least 1");
    }
    if (!(minDelta >= 0 && minDelta < Double.POSITIVE_INFINITY)) {
      throw new InvalidSettingException(
          "min-delta", minDelta, "must be a finite number, 0 or more");
    }
  }

  /** The rule with these settings. */
  public StoppingRule rule() {
    return switch (kind) {
      case NONE -> new NoStopping();
      case PATIENCE -> new Patience(minEpochs, patience, minDelta);
      case MEDIAN -> new MedianStopping(minEpochs);
      case SUCCESSIVE_HALVING -> new SuccessiveHalving(minEpochs, factor);
    };
  }
}
