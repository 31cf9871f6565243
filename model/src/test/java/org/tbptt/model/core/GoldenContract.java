package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.tbptt.model.core.RnnCoreContract.RATE;
import static org.tbptt.model.core.RnnCoreContract.relativeError;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.reference.Nd4jCore;

/** Numbers of an independent program in double precision, which every engine must meet. */
interface GoldenContract extends EngineUnderTest {

  @Test
  default void everyStyleHasGoldenCases() throws Exception {
    assertThat(GoldenCase.all()).hasSize(48);
    assertThat(GoldenCase.allWithLags()).hasSize(16);
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#all")
  default void gradientsMatchTheIndependentImplementation(GoldenCase golden) {
    Gradients rounded;
    try (RnnCore exact = onRoundedInputs(golden)) {
      rounded = exact.gradients(golden.window(), golden.draws());
    }
    try (RnnCore core = ready(golden)) {
      Gradients gradients = core.gradients(golden.window(), golden.draws());

      assertThat(gradients.loss() / golden.expectedLoss()).isCloseTo(1, within(tolerance()));
      golden
          .expectedGradients()
          .forEach(
              (parameter, expected) ->
                  assertThat(relativeError(gradients.of(parameter), expected))
                      .as(parameter.symbol())
                      .isLessThan(allowed(relativeError(rounded.of(parameter), expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#all")
  default void aStepCarriesTheLastStateOn(GoldenCase golden) {
    Map<String, INDArray> rounded;
    try (RnnCore exact = onRoundedInputs(golden)) {
      exact.train(golden.window(), golden.draws(), RATE);
      rounded = exact.readState();
    }
    try (RnnCore core = ready(golden)) {
      core.train(golden.window(), golden.draws(), RATE);

      Map<String, INDArray> state = core.readState();
      golden
          .lastState()
          .forEach(
              (name, expected) ->
                  assertThat(relativeError(state.get(name), expected))
                      .as(name)
                      .isLessThan(allowed(relativeError(rounded.get(name), expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("org.tbptt.model.core.GoldenCase#allWithLags")
  default void lagsMatchTheIndependentImplementation(GoldenCase golden) {
    double[] phi = golden.expectedPhi();
    double[] weightL1 = golden.expectedWeightL1();
    LagNorms rounded;
    try (RnnCore exact = onRoundedInputs(golden)) {
      rounded = exact.lags(golden.window(), golden.draws(), phi.length);
    }
    try (RnnCore core = ready(golden)) {
      LagNorms lags = core.lags(golden.window(), golden.draws(), phi.length);

      for (int lag = 0; lag < phi.length; lag++) {
        assertThat(relativeError(lags.phi()[lag], phi[lag]))
            .as("phi at lag %d", lag)
            .isLessThan(allowed(relativeError(rounded.phi()[lag], phi[lag])));
        assertThat(relativeError(lags.weightL1()[lag], weightL1[lag]))
            .as("L1 of W at lag %d", lag)
            .isLessThan(allowed(relativeError(rounded.weightL1()[lag], weightL1[lag])));
      }
    }
  }

  /**
   * Some of the cases are chaotic: to round their inputs to the engine's precision already moves
   * their gradients, and each product's rounding does it again.
   *
   * @param movement what rounding the inputs alone does, as a relative error; double precision has
   *     no such excuse
   */
  private double allowed(double movement) {
    return type() == DataType.DOUBLE ? tolerance() : Math.max(tolerance(), 8 * movement);
  }

  /** Exact arithmetic on the inputs as the engine under test gets them. */
  private RnnCore onRoundedInputs(GoldenCase golden) {
    Map<Parameter, INDArray> parameters = golden.parameters(type());
    parameters.replaceAll((parameter, values) -> values.castTo(DataType.DOUBLE));
    return ready(
        golden,
        config -> {
          Map<Parameter, INDArray> copies = new TreeMap<>(parameters);
          copies.replaceAll((parameter, values) -> values.dup());
          return new Nd4jCore(config, copies, DataType.DOUBLE);
        });
  }

  /** The engine under test at the start of the window. */
  private RnnCore ready(GoldenCase golden) {
    return ready(golden, config -> open(config, golden.parameters(type())));
  }

  private static RnnCore ready(GoldenCase golden, Function<CoreConfig, RnnCore> open) {
    RnnCore core = open.apply(golden.config());
    golden.prepare(core, open);
    return core;
  }
}
