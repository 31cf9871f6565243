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
 */
public record Schedule(Kind kind, double factor, int epochs) implements java.io.Serializable {

  /** A constant rate. */
  public static final Schedule CONSTANT = new Schedule(Kind.CONSTANT, 1, 1);

  /** The curves. */
  public enum Kind {
    /** rate. */
    CONSTANT,
    /** rate * c^floor((e - 1) / s): down by c after every s epochs. */
    STEP,
    /** rate * c^((e - 1 + w / W) / s): down by c over every s epochs, a little at each window. */
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
  }

  /**
   * Whether the rate of a training of so many epochs is the same from its first window to its last.
   */
  public boolean isConstant(int trained) {
    return switch (kind) {
      case CONSTANT -> true;
      case STEP -> factor == 1 || trained <= epochs;
      case EXPONENTIAL -> factor == 1;
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
    int before = epoch - 1;
    return switch (kind) {
      case CONSTANT -> rate;
      case STEP -> rate * Math.pow(factor, Math.floorDiv(before, epochs));
      case EXPONENTIAL -> rate * Math.pow(factor, (before + (double) window / windows) / epochs);
    };
  }
}
