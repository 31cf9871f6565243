package org.tbptt.model.diagnostics;

import java.io.Serializable;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * What is measured before training and after each epoch, on held windows: consecutive windows from
 * the start of the validation stream. It does not affect training.
 *
 * @param windows number of held windows, fewer if the stream is shorter; 0 measures nothing
 * @param maxLag the largest lag k of which phi_k is measured, in steps, 1 to 32768
 * @param horizon steps of a held window, more than maxLag and at most 65536: how far back the full
 *     gradient goes that the style's is compared with; 0 is twice maxLag
 */
public record Diagnostics(int windows, int maxLag, int horizon) implements Serializable {

  /** Nothing is measured. */
  public static final Diagnostics OFF = new Diagnostics(0, 50, 0);

  /** The longest window that the native core takes, in steps. */
  static final int LONGEST = 1 << 16;

  public Diagnostics {
    if (windows < 0) {
      throw new InvalidSettingException(
          "windows", windows, "must be 0 (nothing is measured) or more");
    }
    if (maxLag < 1 || maxLag > LONGEST / 2) {
      throw new InvalidSettingException("max-lag", maxLag, "must be from 1 to " + LONGEST / 2);
    }
    if (horizon != 0 && (horizon <= maxLag || horizon > LONGEST)) {
      throw new InvalidSettingException(
          "horizon",
          horizon,
          "must be 0 (twice max-lag) or more than max-lag = %d and at most %d"
              .formatted(maxLag, LONGEST));
    }
  }

  /** Whether anything is measured. */
  public boolean on() {
    return windows > 0;
  }

  /** Steps of a held window: the horizon, rounded up to whole windows of seqLen steps. */
  public int heldSteps(int seqLen) {
    int steps = horizon == 0 ? 2 * maxLag : horizon;
    int seqLens = 1 + (steps - 1) / seqLen;
    return Math.multiplyExact(seqLens, seqLen);
  }
}
