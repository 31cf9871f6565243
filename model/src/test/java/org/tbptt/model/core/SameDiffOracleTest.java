package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.nativecore.NativeEngine;
import org.tbptt.model.nativecore.WithNativeCore;
import org.tbptt.model.reference.Nd4jCore;
import org.tbptt.model.truncation.FullStyle;

/** Automatic differentiation beside both engines' backward passes, carried state and dropout in. */
class SameDiffOracleTest {

  private static final RnnShape SHAPE = new RnnShape(23, 6, 9, 4, 8);
  private static final long SEED = 3;

  @Test
  void theReferencesFullGradientsOfATanhCellAreAutomaticDifferentiations() {
    assertAgrees(Cell.TANH, DataType.DOUBLE, 1e-9);
  }

  @Test
  void theReferencesFullGradientsOfAReluCellAreAutomaticDifferentiations() {
    assertAgrees(Cell.RELU, DataType.DOUBLE, 1e-9);
  }

  /** Both again, in the native core's single precision. */
  @Nested
  @WithNativeCore
  class Native {

    @Test
    void theNativeCoresFullGradientsOfATanhCellAreAutomaticDifferentiations() {
      assertAgrees(Cell.TANH, DataType.FLOAT, 2e-6);
    }

    @Test
    void theNativeCoresFullGradientsOfAReluCellAreAutomaticDifferentiations() {
      assertAgrees(Cell.RELU, DataType.FLOAT, 2e-6);
    }
  }

  /** In the second window, so that the state it starts from is not zero. */
  private static void assertAgrees(Cell cell, DataType type, double tolerance) {
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.of(SHAPE, new FullStyle(SHAPE.steps())), cell, 0.8, Carry.STATE);
    Map<Parameter, INDArray> initial =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, SEED, type);
    try (RnnCore core =
        type == DataType.FLOAT
            ? new NativeEngine().open(config, initial, 1)
            : new Nd4jCore(config, initial, type)) {
      core.train(RnnCoreContract.window(SHAPE, 1), Draws.of(0.8, 1, SEED, 1, 0), 0.1);
      Window window = RnnCoreContract.window(SHAPE, 2);
      Draws draws = Draws.of(0.8, 1, SEED, 1, 1);
      Map<Parameter, INDArray> parameters = new TreeMap<>();
      for (Parameter parameter : core.shape().parameters()) {
        parameters.put(parameter, core.read(parameter));
      }

      Gradients expected =
          SameDiffOracle.gradients(
              cell, parameters, core.readState().get(CoreState.hidden(1)), window, draws);
      Gradients gradients = core.gradients(window, draws);

      assertThat(core.readState().get(CoreState.hidden(1)).norm2Number().doubleValue())
          .isGreaterThan(0.1);
      assertThat(gradients.loss()).isCloseTo(expected.loss(), within(tolerance));
      for (Parameter parameter : core.shape().parameters()) {
        assertThat(RnnCoreContract.relativeError(gradients.of(parameter), expected.of(parameter)))
            .as(parameter.symbol())
            .isLessThan(tolerance);
      }
    }
  }
}
