package org.tbptt.model.nativecore;

import org.tbptt.model.core.CoreConfig;
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

  /** The bytes of memory outside the heap that a core holds. */
  public static long arenaBytes(CoreConfig config) {
    NativeLibrary.require();
    return NativeBinding.requiredBytes(new NativeStructs(config, 1, 0).config());
  }
}
