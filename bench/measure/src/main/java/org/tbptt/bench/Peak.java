package org.tbptt.bench;

import org.tbptt.model.core.Precision;
import org.tbptt.model.nativecore.NativeProbe;

/**
 * What the processor can do at most: operations on registers alone, and loads. Another thread of
 * the same core, of this machine or of another one, may leave the first as they are and halve the
 * last.
 *
 * @param fp32 GFLOP/s of fused multiply-adds
 * @param bf16 GFLOP/s of bf16 dot products, 0 where it has none
 * @param cache GB/s of loads from the first-level cache
 */
record Peak(double fp32, double bf16, double cache) {

  static final Peak NONE = new Peak(0, 0, 0);

  private static final double SECONDS = 0.02;

  /** Two measurements are of the same quiet machine if they differ by no more than this. */
  private static final double TOLERANCE = 0.05;

  static Peak probe() {
    return new Peak(
        NativeProbe.fp32(SECONDS), NativeProbe.bf16(SECONDS), NativeProbe.cache(SECONDS));
  }

  double of(Precision precision) {
    return precision == Precision.FP32 ? fp32 : bf16;
  }

  Peak max(Peak other) {
    return new Peak(
        Math.max(fp32, other.fp32), Math.max(bf16, other.bf16), Math.max(cache, other.cache));
  }

  /** Whether nothing took part of the processor away, as far as this and the other peak tell. */
  boolean asQuietAs(Peak other) {
    return fp32 >= (1 - TOLERANCE) * other.fp32
        && bf16 >= (1 - TOLERANCE) * other.bf16
        && cache >= (1 - TOLERANCE) * other.cache;
  }
}
