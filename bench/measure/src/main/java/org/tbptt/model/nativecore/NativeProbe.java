package org.tbptt.model.nativecore;

/** What the bench has to know of the native core and nobody else; hence in its package. */
public final class NativeProbe {

  private NativeProbe() {}

  /**
   * The peak of fused multiply-adds on registers, GFLOP/s, in the instruction set of the cores.
   *
   * @param seconds how long to look
   */
  public static double fp32(double seconds) {
    return NativeBinding.probeFp32(NativeBinding.chooseIsa(), seconds);
  }

  /** The same of bf16 dot products; 0 where the instruction set has none. */
  public static double bf16(double seconds) {
    return NativeBinding.probeBf16(NativeBinding.chooseIsa(), seconds);
  }

  /** The peak of loads from the first-level cache, GB/s. */
  public static double cache(double seconds) {
    return NativeBinding.probeCache(NativeBinding.chooseIsa(), seconds);
  }
}
