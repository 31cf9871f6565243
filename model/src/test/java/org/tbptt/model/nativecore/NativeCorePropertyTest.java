package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.reference.Nd4jCore;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.TrueStyle;

/**
 * The native core with any sizes and any arguments: the reference's numbers or an exception, never
 * a crash.
 */
@AddLifecycleHook(WithNativeCore.Condition.class)
@Tag("property")
class NativeCorePropertyTest {

  @Property(tries = 60)
  void gradientsOfAnySizeAndStyleAreThoseOfTheReference(
      @ForAll @IntRange(min = 1, max = 300) int vocabulary,
      @ForAll @IntRange(min = 1, max = 40) int embedding,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 35) int batch,
      @ForAll @IntRange(min = 1, max = 4) int k1,
      @ForAll @IntRange(min = 1, max = 4) int sweeps,
      @ForAll @IntRange(min = 0, max = 14) int further,
      @ForAll boolean history,
      @ForAll Carry carry,
      @ForAll Cell cell,
      @ForAll @IntRange(min = 1, max = 3) int layers,
      @ForAll @DoubleRange(min = 0.3, max = 1) double keep) {
    int steps = k1 * sweeps;
    Assume.that(history || k1 + further <= steps);
    boolean masks = layers == 1 && !cell.isGated();
    RnnShape shape = new RnnShape(vocabulary, embedding, cell, layers, hidden, batch, steps);
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.of(shape, new IntervalStyle(k1, k1 + further, steps, history)),
            cell,
            keep,
            masks ? carry : Carry.STATE);
    // Relu's derivative jumps at 0: where a unit is that near, rounding decides on which side it
    // is.
    double allowed = cell == Cell.RELU ? 1e-2 : 2e-5;
    // The terms of a gradient can cancel out, all of them where there is one word only: what is
    // left
    // is the rounding of a sum of that many terms, to about 1, in single precision.
    double cancelled = 2e-6 + batch * steps * 0x1p-24;
    Window window = RnnCoreContract.window(shape, vocabulary);
    Draws draws = Draws.of(keep, 1, 5, 1, 2);
    Map<Parameter, INDArray> exact =
        CoreConfigs.parameters(shape, Initialiser.GLOROT, 7, DataType.DOUBLE);
    try (RnnCore core = new NativeEngine().open(config, 7, 1);
        RnnCore reference = new Nd4jCore(config, exact, DataType.DOUBLE)) {
      for (RnnCore each : new RnnCore[] {core, reference}) {
        each.train(RnnCoreContract.window(shape, 3), Draws.of(keep, 1, 5, 1, 1), 0);
      }
      Gradients gradients = core.gradients(window, draws);
      Gradients expected = reference.gradients(window, draws);
      for (Parameter parameter : core.shape().parameters()) {
        INDArray expectedGradient = expected.of(parameter);
        INDArray difference = gradients.of(parameter).castTo(DataType.DOUBLE).sub(expectedGradient);
        assertThat(difference.norm2Number().doubleValue())
            .as("%s of %s", parameter, shape)
            .isLessThan(allowed * expectedGradient.norm2Number().doubleValue() + cancelled);
      }

      LagNorms norms = core.lags(window, draws, steps + 2);
      LagNorms expectedNorms = reference.lags(window, draws, steps + 2);
      for (int lag = 0; lag < steps + 2; lag++) {
        // A linear cell's errors can fall below what single precision holds.
        assertThat(norms.phi()[lag])
            .as("phi at lag %d of %s", lag, shape)
            .isCloseTo(
                expectedNorms.phi()[lag], within(5 * allowed * expectedNorms.phi()[lag] + 1e-30));
        assertThat(norms.weightL2()[lag])
            .as("L2 of W at lag %d of %s", lag, shape)
            .isCloseTo(
                expectedNorms.weightL2()[lag],
                within(5 * allowed * expectedNorms.weightL2()[lag] + 1e-30));
      }
    }
  }

  @Property(tries = 300)
  void aConfigurationOfAnyBytesIsRefusedOrMakesACore(@ForAll long seed) {
    Random random = new Random(seed);
    ByteBuffer config = ByteBuffer.allocateDirect(120).order(ByteOrder.nativeOrder());
    // Sound sizes, of which one or two fields then become anything at all.
    config.putInt(120).putInt(9).putInt(3).putInt(4).putInt(2).putInt(5).clear();
    config.putDouble(64, 0.9).putDouble(72, 0.999).putDouble(80, 1e-8);
    for (int change = 0; change < 2; change++) {
      int field = random.nextInt(26); // not the cancel flag's address
      config.putInt(4 * field, random.nextBoolean() ? random.nextInt() : random.nextInt(40) - 8);
    }
    long bytes = 0;
    try {
      bytes = NativeBinding.requiredBytes(config);
    } catch (IllegalArgumentException | UnsupportedOperationException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }
    assertThat(bytes).isPositive();
  }

  @Property(tries = 100)
  void tokensOutsideTheVocabularyAreRefused(@ForAll int token) {
    Assume.that(token < -1 || token >= 11);
    CoreConfig config = RnnCoreContract.config(new TrueStyle(2, 6));
    Window window = RnnCoreContract.window(config.shape(), 1);
    window.targets()[17] = token;
    try (RnnCore core = new NativeEngine().open(config, 1, 1)) {
      for (Runnable call :
          new Runnable[] {
            () -> core.train(window, new Draws.None(), 0.1),
            () -> core.evaluate(window),
            () -> core.gradients(window, new Draws.None())
          }) {
        assertThatThrownBy(call::run)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(String.valueOf(token));
      }
    }
  }
}
