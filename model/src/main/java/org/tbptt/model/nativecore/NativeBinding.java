package org.tbptt.model.nativecore;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * The C interface of the native core (model/src/main/cpp/include/tbptt.h) one to one: this class
 * only marshals. Buffers are direct and in native order. A call that the core refuses throws
 * IllegalArgumentException, or UnsupportedOperationException for an instruction set that is not
 * available, with the core's own message.
 */
final class NativeBinding {

  private NativeBinding() {}

  static native int abiVersion();

  static native String version();

  static native String isaName(int isa);

  static native boolean isaAvailable(int isa);

  /** The instruction set that TBPTT_ISA names, otherwise the best of this CPU. */
  static native int chooseIsa();

  /**
   * Bytes that a core's arena needs.
   *
   * @param config a tbptt_config, laid out as the header says
   */
  static native long requiredBytes(ByteBuffer config);

  /**
   * Makes a core in memory that the caller provides.
   *
   * @param arena address of that memory, which must stay where it is until {@link #destroy}
   * @return the core's handle
   */
  static native long create(ByteBuffer config, long arena, long arenaBytes);

  static native void destroy(long core);

  static native int coreIsa(long core);

  /**
   * Canonical values into a matrix of the core.
   *
   * @param values address of count floats
   */
  static native void write(long core, int tensor, long values, long count);

  /**
   * A matrix of the core as canonical values.
   *
   * @param values address of count floats
   */
  static native void read(long core, int tensor, long values, long count);

  /** One of the core's whole numbers. */
  static native long counter(long core, int counter);

  static native void setCounter(long core, int counter, long value);

  /** Zeroes the states of training and of evaluation, and forgets the history. */
  static native void reset(long core);

  /**
   * One optimiser step.
   *
   * @param window a tbptt_window without its five addresses, which are the buffers that follow
   * @param inputMask null if the core draws it from the window's Philox numbers, or without
   *     dropout; likewise the other masks
   * @param stats receives a tbptt_stats
   */
  static native void train(
      long core,
      ByteBuffer window,
      IntBuffer tokens,
      IntBuffer targets,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      FloatBuffer linkMask,
      double learningRate,
      ByteBuffer stats);

  /** Reads a window and carries state and history on; masks as for {@link #train}. */
  static native void advance(
      long core,
      ByteBuffer window,
      IntBuffer tokens,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      FloatBuffer linkMask);

  /**
   * The gradients of a window.
   *
   * @param gradients an address for each parameter, in their order
   */
  static native void gradients(
      long core,
      ByteBuffer window,
      IntBuffer tokens,
      IntBuffer targets,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      FloatBuffer linkMask,
      long[] gradients,
      ByteBuffer stats);

  /**
   * The lag norms of a window.
   *
   * @param norms receives phi, then the L1 norms, then the L2 norms, a third of its doubles each
   */
  static native void lags(
      long core,
      ByteBuffer window,
      IntBuffer tokens,
      IntBuffer targets,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      DoubleBuffer norms);

  /**
   * The losses of a window.
   *
   * @param result receives their sum, nats (double), and the number of counted targets (long)
   */
  static native void evaluate(
      long core, IntBuffer tokens, IntBuffer targets, int steps, ByteBuffer result);

  /** GFLOP/s of fused multiply-adds that this instruction set reaches on registers. */
  static native double probeFp32(int isa, double seconds);

  /** GFLOP/s of bf16 dot products, 0 if the instruction set has none. */
  static native double probeBf16(int isa, double seconds);

  /** GB/s of this instruction set's loads from the first-level cache. */
  static native double probeCache(int isa, double seconds);
}
