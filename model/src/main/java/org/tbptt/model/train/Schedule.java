package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;

/**
 * How the learning rate falls while a trial is trained. Epoch e counts from 1; w of the epoch's W
 * windows have been trained before the one at hand.
 *
 * @param kind the curve
 * @param factor c, what the rate is multiplied by, in (0, 1]; without effect for a constant rate
 * @param epochs s, after how many epochs, at least 1; without effect for a constant rate
 * @param after a, the epoch after which the rate begins to fall, at least 0; 0 stands for the
 *     curve's own: s for steps, the start for an exponential; without effect for a constant rate
 */
public record Schedule(Kind kind, double factor, int epochs, int after)
    implements java.io.Serializable {

  /** A constant rate. */
  public static final Schedule CONSTANT = new Schedule(Kind.CONSTANT, 1, 1, 0);

  /** The curves. */
  public enum Kind {
    /** rate. */
    CONSTANT,
    /**
     * rate * c^(1 + floor((e - 1 - a) / s)) for e > a: down by c after epoch a and every s more.
     */
    STEP,
    /**
     * rate * c^((e - 1 - a + w / W) / s) for e > a: down by c over every s epochs, a little at each
     * window.
     */
    EXPONENTIAL
  }

  public Schedule {
    requireNonNull(kind, "kind");
    if (!(factor > 0 && factor <= 1)) {
      throw new InvalidSettingException("factor", factor, "must be more than 0 and at most 1");
    }
    if (epochs < 1) {
      throw new InvalidSettingException("epochs", epochs, "must be at least 1");
    }
    if (after < 0) {
      throw new InvalidSettingException("after", after, "must be at least 0");
    }
  }

  /** The epoch after which the rate begins to fall, the curve's own where none was given. */
  public int fallsAfter() {
    return after == 0 ? ownFall() : after;
  }

  /** Where the curve begins to fall by itself. */
  int ownFall() {
    return kind == Kind.STEP ? epochs : 0;
  }

  /**
   * Whether the rate of a training of so many epochs is the same from its first window to its last.
   */
  public boolean isConstant(int trained) {
    return switch (kind) {
      case CONSTANT -> true;
      case STEP, EXPONENTIAL -> factor == 1 || trained <= fallsAfter();
    };
  }

  /**
   * The rate for one window.
   *
   * @param rate at the start of training
   * @param epoch e, from 1
   * @param window w, from 0 to windows-1
   * @param windows W
   */
  public double rate(double rate, int epoch, int window, int windows) {
    int before = epoch - 1 - fallsAfter();
    if (before < 0) {
      return rate;
    }
    return switch (kind) {
      case CONSTANT -> rate;
      case STEP -> rate * Math.pow(factor, 1 + before / epochs);
      case EXPONENTIAL -> rate * Math.pow(factor, (before + (double) window / windows) / epochs);
    };
  }
}
