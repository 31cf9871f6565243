package org.tbptt.model.nativecore;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.corpus.Window;

/**
 * A tbptt_window of the core's C interface and the arrays that it points to, in direct buffers that
 * are refilled for each call.
 */
final class NativeWindow {

  private static final int WINDOW_BYTES = 120;

  private final CoreConfig config;
  private final RnnShape shape;
  private final ByteBuffer struct = NativeStructs.direct(WINDOW_BYTES);
  private final IntBuffer tokens;
  private final IntBuffer targets;
  private FloatBuffer inputMask;
  private FloatBuffer outputMask;
  private FloatBuffer linkMask;

  NativeWindow(CoreConfig config) {
    this.config = config;
    this.shape = config.shape();
    this.tokens = NativeStructs.direct(Integer.BYTES * shape.tokens()).asIntBuffer();
    this.targets = NativeStructs.direct(Integer.BYTES * shape.tokens()).asIntBuffer();
  }

  /**
   * Takes one part of a window.
   *
   * @param recurrentScale of the gradients of Emb, W and b
   * @param summed whether losses are summed over the steps instead of averaged
   */
  void fill(Window window, Draws draws, Segment segment, double recurrentScale, boolean summed) {
    int from = segment.first() * shape.batch();
    int count = segment.steps() * shape.batch();
    tokens.clear().put(window.inputs(), from, count);
    targets.clear().put(window.targets(), from, count);
    fillStruct(draws, segment, recurrentScale, summed);
    // The core draws random masks itself.
    boolean given = draws instanceof Draws.Given;
    RnnShape whole = shape.ofSteps(window.steps());
    inputMask = given ? part(draws.mask(whole, 0), whole, segment) : null;
    outputMask = given ? outputMasks(draws, whole, segment) : null;
    linkMask =
        given && draws.cutsLinks() ? part(singles(draws.links(whole)), whole, segment) : null;
  }

  private void fillStruct(Draws draws, Segment segment, double recurrentScale, boolean summed) {
    Draws.Drawn drawn = draws instanceof Draws.Drawn masks ? masks : new Draws.Drawn(1, 1, 0, 0, 0);
    // Inside a window the state before dropout is carried from step to step.
    boolean masked = segment.isLast() && config.model().carry() == Carry.POST_DROPOUT;
    struct
        .clear()
        .putLong(0) // tokens
        .putLong(0) // targets
        .putLong(0) // input mask
        .putLong(0) // output mask
        .putLong(0) // link mask
        .putDouble(drawn.keepProb())
        .putDouble(drawn.keepProb())
        .putDouble(drawn.linkKeep())
        .putDouble(recurrentScale)
        .putLong(drawn.seed())
        .putInt(drawn.epoch())
        .putInt(drawn.window())
        .putInt(segment.steps())
        .putInt(segment.injectEvery())
        .putInt(segment.reach())
        .putInt(segment.historySteps())
        .putInt(segment.first())
        .putInt(masked ? 1 : 0)
        .putInt(summed ? 1 : 0)
        .putInt(0);
  }

  /** Its fields, without the addresses that it begins with. */
  ByteBuffer struct() {
    return struct.clear();
  }

  /** (T,B). */
  IntBuffer tokens() {
    return tokens;
  }

  /** (T,B). */
  IntBuffer targets() {
    return targets;
  }

  /** (T,B,E), or null. */
  FloatBuffer inputMask() {
    return inputMask;
  }

  /** (L,T,B,H), or null. */
  FloatBuffer outputMask() {
    return outputMask;
  }

  /** (T,B), or null. */
  FloatBuffer linkMask() {
    return linkMask;
  }

  /** Of all layers, one after the other. */
  private static FloatBuffer outputMasks(Draws draws, RnnShape window, Segment segment) {
    int count = segment.steps() * window.batch() * window.hidden();
    FloatBuffer masks = NativeStructs.direct(Float.BYTES * window.layers() * count).asFloatBuffer();
    for (int layer = 1; layer <= window.layers(); layer++) {
      masks.put(part(draws.mask(window, layer), window, segment).flip());
    }
    return masks;
  }

  private static FloatBuffer part(float[] mask, RnnShape window, Segment segment) {
    int perStep = mask.length / window.steps();
    int count = segment.steps() * perStep;
    return NativeStructs.direct(Float.BYTES * count)
        .asFloatBuffer()
        .put(mask, segment.first() * perStep, count);
  }

  private static float[] singles(double[] values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return singles;
  }
}
