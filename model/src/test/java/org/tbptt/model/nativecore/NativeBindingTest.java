package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.truncation.FullStyle;

/** Buffers that are smaller than the core's shape wants: refused before anything reads them. */
@WithNativeCore
class NativeBindingTest {

  // T B = 18, T B E = 90, T B H = 126
  private static final RnnShape SHAPE = new RnnShape(11, 5, 7, 3, 6);
  private static final CoreConfig CONFIG = CoreConfigs.of(SHAPE, new FullStyle(6));

  private final NativeStructs structs = new NativeStructs(CONFIG, 1, 0);
  private final NativeWindow window = new NativeWindow(CONFIG);
  private FloatPointer arena;
  private long core;

  @BeforeEach
  void open() {
    long bytes = NativeBinding.requiredBytes(structs.config());
    arena = new FloatPointer((bytes + 3) / 4);
    core = NativeBinding.create(structs.config(), arena.address(), arena.capacity() * 4);
    window.fill(
        RnnCoreContract.window(SHAPE, 1),
        new Draws.None(),
        Segment.over(CONFIG.truncation(), 6, 6),
        1,
        false);
  }

  @AfterEach
  void close() {
    NativeBinding.destroy(core);
    arena.close();
  }

  @Test
  void everyArrayOfAWindowMustHoldAllOfIt() {
    IntBuffer few = ints(17);
    assertRefused(few, window.targets(), null, null, null, "tokens has room for 17", "18 x 1");
    assertRefused(window.tokens(), few, null, null, null, "targets has room for 17", "18 x 1");
    assertRefused(
        window.tokens(), window.targets(), floats(89), null, null, "input mask", "18 x 5");
    assertRefused(
        window.tokens(), window.targets(), null, floats(125), null, "output mask", "18 x 7");
    assertRefused(window.tokens(), window.targets(), null, null, floats(17), "link mask", "18 x 1");
    assertRefused(
        IntBuffer.allocate(18), window.targets(), null, null, null, "tokens has room for 0", "18");
  }

  @Test
  void arraysThatHoldAllOfAWindowAreTaken() {
    assertThatCode(
            () -> train(window.tokens(), window.targets(), floats(90), floats(126), floats(18)))
        .doesNotThrowAnyException();
  }

  @Test
  void everyArrayOfAnEvaluationMustHoldAllOfIt() {
    ByteBuffer result = ByteBuffer.allocateDirect(16);
    assertThatThrownBy(() -> NativeBinding.evaluate(core, ints(17), window.targets(), 6, result))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokens has room for 17");
    assertThatThrownBy(() -> NativeBinding.evaluate(core, window.tokens(), ints(17), 6, result))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("targets has room for 17");
    assertThatThrownBy(
            () ->
                NativeBinding.evaluate(
                    core, window.tokens(), window.targets(), 6, ByteBuffer.allocateDirect(15)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("result has room for 15");
    assertThatThrownBy(() -> NativeBinding.evaluate(core, ints(18), ints(18), -6, result))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steps -6: allowed 1..6");
  }

  private void assertRefused(
      IntBuffer tokens,
      IntBuffer targets,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      FloatBuffer linkMask,
      String... parts) {
    assertThatThrownBy(() -> train(tokens, targets, inputMask, outputMask, linkMask))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(refused -> assertThat(refused.getMessage()).contains(parts));
  }

  private void train(
      IntBuffer tokens,
      IntBuffer targets,
      FloatBuffer inputMask,
      FloatBuffer outputMask,
      FloatBuffer linkMask) {
    NativeBinding.train(
        core,
        window.struct(),
        tokens,
        targets,
        inputMask,
        outputMask,
        linkMask,
        0.1,
        structs.stats());
  }

  private static IntBuffer ints(int count) {
    return direct(4 * count).asIntBuffer();
  }

  private static FloatBuffer floats(int count) {
    return direct(4 * count).asFloatBuffer();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
