package org.tbptt.bench;

import org.tbptt.model.core.Precision;
import org.tbptt.model.nativecore.NativeProbe;

/**
 * What the processor can do at most, GFLOP/s, on registers alone.
 *
 * @param fp32 of fused multiply-adds
 * @param bf16 of bf16 dot products, 0 where it has none
 */
record Peak(double fp32, double bf16) {

  static final Peak NONE = new Peak(0, 0);

  private static final double SECONDS = 0.02;

  /** Two measurements are of the same quiet machine if they differ by no more than this. */
  private static final double TOLERANCE = 0.05;

  static Peak probe() {
    return new Peak(NativeProbe.fp32(SECONDS), NativeProbe.bf16(SECONDS));
  }

  double of(Precision precision) {
    return precision == Precision.FP32 ? fp32 : bf16;
  }

  Peak max(Peak other) {
    return new Peak(Math.max(fp32, other.fp32), Math.max(bf16, other.bf16));
  }

  /** Whether nothing took part of the processor away, as far as this and the other peak tell. */
  boolean asQuietAs(Peak other) {
    return fp32 >= (1 - TOLERANCE) * other.fp32 && bf16 >= (1 - TOLERANCE) * other.bf16;
  }
}
