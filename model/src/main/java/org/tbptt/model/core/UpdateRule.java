package org.tbptt.model.core;

import static java.util.Objects.requireNonNull;

import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.Truncation;

/**
 * How gradients become updates, and how often.
 *
 * @param optimizer the rule
 * @param momentum of {@link Optimizer#MOMENTUM}, in [0, 1)
 * @param rmsDecay of {@link Optimizer#RMSPROP}, in [0, 1)
 * @param clipNorm theta in g <- min(1, theta/|g|) g over all parameters together; 0 clips nothing
 * @param every u, the steps between two updates, which divides T; 0 is one update for each window
 */
public record UpdateRule(
    Optimizer optimizer, double momentum, double rmsDecay, double clipNorm, int every)
    implements java.io.Serializable {

  /** As in Sutskever, Martens, Dahl and Hinton 2013 and most tutorials. */
  public static final double DEFAULT_MOMENTUM = 0.9;

  /** As in Tieleman and Hinton 2012, lecture 6.5. */
  public static final double DEFAULT_RMS_DECAY = 0.9;

  public UpdateRule {
    requireNonNull(optimizer, "optimizer");
    fraction("momentum", momentum);
    fraction("rms-decay", rmsDecay);
    if (!(clipNorm >= 0 && Double.isFinite(clipNorm))) {
      throw new InvalidSettingException(
          "clip-norm", clipNorm, "must be a finite number, 0 (no clipping) or more");
    }
    if (every < 0) {
      throw new InvalidSettingException(
          "update-every", every, "must be 0 (once per window) or more");
    }
  }

  /** Once per window, without clipping, with the usual parameters. */
  public static UpdateRule of(Optimizer optimizer) {
    return new UpdateRule(optimizer, DEFAULT_MOMENTUM, DEFAULT_RMS_DECAY, 0, 0);
  }

  /**
   * Checks that these updates, the style and the normalisation can be combined. With u < T an error
   * goes no further than with u = T, and a mean is over u steps.
   *
   * @throws IllegalArgumentException with one line that names the setting, if they cannot
   */
  public void check(Truncation truncation, Normalisation normalisation) {
    boolean sentences = !truncation.carriesState();
    if (sentences && normalisation == Normalisation.R2RT) {
      throw new InvalidSettingException(
          "normalisation",
          "r2rt",
          "must be mean or batch for style = sentence, whose windows have no common seq-len");
    }
    int seqLen = truncation.seqLen();
    if (every == 0 || every == seqLen) {
      return;
    }
    if (sentences) {
      throw refused("must be 0, once per window, for style = sentence");
    }
    if (seqLen % every != 0) {
      throw refused("must divide the " + seqLen + " steps of a window");
    }
    if (truncation.linkKeep() < 1) {
      throw refused(
          "must be 0 or seq-len for style = random, which is one backward pass over a window");
    }
    if (normalisation == Normalisation.R2RT) {
      throw refused("must be 0 or seq-len for normalisation = r2rt, which is for whole windows");
    }
    int injectEvery = truncation.injectEvery();
    if (injectEvery < seqLen && every % injectEvery != 0) {
      throw refused("must be a multiple of k1 = " + injectEvery);
    }
  }

  private IllegalArgumentException refused(String reason) {
    return new InvalidSettingException("update-every", every, reason);
  }

  private static void fraction(String setting, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidSettingException(setting, value, "must be at least 0 and less than 1");
    }
  }
}
