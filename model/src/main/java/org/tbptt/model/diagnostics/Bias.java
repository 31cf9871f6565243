package org.tbptt.model.diagnostics;

import java.io.Serializable;

/**
 * How a style's gradient differs from the full one; NaN if the full one is zero.
 *
 * @param parameter the symbol of a parameter, Emb, W, b, Ws or bs, or {@link #ALL}
 * @param relative |g_style - g_full| / |g_full|
 * @param cosine of the angle between the two
 */
public record Bias(String parameter, double relative, double cosine) implements Serializable {

  /** All parameters together. */
  public static final String ALL = "all";
}
