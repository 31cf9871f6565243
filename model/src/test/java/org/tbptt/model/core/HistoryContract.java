package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tbptt.model.core.RnnCoreContract.relativeError;
import static org.tbptt.model.core.RnnCoreContract.window;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.reference.Nd4jCore;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** What every engine must do with the steps before a window. */
interface HistoryContract extends EngineUnderTest {

  RnnShape SHAPE = new RnnShape(11, 5, 7, 3, 4);

  /** For finite differences: two losses for each parameter. */
  RnnShape SMALL = new RnnShape(5, 2, 3, 2, 3);

  /** By the carry; they are the same for every engine, and take a while. */
  Map<Carry, Map<Parameter, INDArray>> SLOPES = new EnumMap<>(Carry.class);

  /** Two windows, the losses of the second alone: as one long window with padding for targets. */
  @Test
  default void errorsThatGoBackOverTheWindowBeforeAreThoseOfOneLongWindow() {
    RnnShape twice = SHAPE.ofSteps(8);
    Window whole = window(twice, 3);
    Arrays.fill(whole.targets(), 0, 12, Window.PADDING);
    Draws draws = Draws.of(0.8, 1, 7, 1, 0);
    Draws first = part(draws, twice, 0);
    Draws second = part(draws, twice, 4);
    CoreConfig longWindow =
        CoreConfigs.with(CoreConfigs.of(twice, new FullStyle(8)), Cell.TANH, 0.8, Carry.STATE);
    CoreConfig withHistory =
        CoreConfigs.with(
            CoreConfigs.of(SHAPE, new FullStyle(4, true)), Cell.TANH, 0.8, Carry.STATE);
    try (RnnCore one = open(longWindow, 5);
        RnnCore two = open(withHistory, 5)) {
      Gradients expected = one.gradients(whole, draws);
      two.train(whole.part(0, 4), first, 0);

      Gradients gradients = two.gradients(whole.part(4, 4), second);

      assertSame(gradients, expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Carry.class)
  default void errorsThatCrossTheWindowsEdgeAreSlopesThroughWhatWasCarried(Carry carry) {
    CoreConfig config =
        CoreConfigs.with(CoreConfigs.of(SMALL, new FullStyle(3, true)), Cell.TANH, 0.6, carry);
    Map<Parameter, INDArray> slopes = SLOPES.computeIfAbsent(carry, any -> slopes(config));
    try (RnnCore core = open(config, 5)) {
      core.train(window(SMALL, 1), Draws.of(0.6, 1, 7, 1, 0), 0);
      Gradients gradients = core.gradients(window(SMALL, 2), Draws.of(0.6, 1, 7, 1, 1));

      for (Parameter parameter : core.shape().parameters()) {
        assertThat(relativeError(gradients.of(parameter), slopes.get(parameter)))
            .as(parameter.symbol())
            .isLessThan(Math.max(1e-7, tolerance()));
      }
    }
  }

  /** The slopes of the second window's loss in double precision, by finite differences. */
  private static Map<Parameter, INDArray> slopes(CoreConfig config) {
    double step = 1e-5;
    Map<Parameter, INDArray> all = new TreeMap<>();
    try (RnnCore exact =
        new Nd4jCore(
            config,
            CoreConfigs.parameters(SMALL, Initialiser.GLOROT, 5, DataType.DOUBLE),
            DataType.DOUBLE)) {
      for (Parameter parameter : SMALL.parameters()) {
        INDArray weights = exact.read(parameter);
        INDArray slopes = weights.dup();
        for (long i = 0; i < weights.length(); i++) {
          double weight = weights.getDouble(i);
          double above = lossOfSecondWindow(exact, parameter, weights.putScalar(i, weight + step));
          double below = lossOfSecondWindow(exact, parameter, weights.putScalar(i, weight - step));
          exact.write(parameter, weights.putScalar(i, weight));
          slopes.putScalar(i, (above - below) / (2 * step));
        }
        all.put(parameter, slopes);
      }
    }
    return all;
  }

  private static double lossOfSecondWindow(RnnCore core, Parameter parameter, INDArray weights) {
    core.write(parameter, weights);
    core.resetState();
    core.train(window(SMALL, 1), Draws.of(0.6, 1, 7, 1, 0), 0);
    return core.gradients(window(SMALL, 2), Draws.of(0.6, 1, 7, 1, 1)).loss();
  }

  @Test
  default void aChangeOfWeightsLeavesKeptActivationsAsTheyWereComputed() {
    CoreConfig config = CoreConfigs.of(SHAPE, new TrueStyle(3, 4, true));
    INDArray heldBefore;
    try (RnnCore core = open(config, 5)) {
      core.train(window(SHAPE, 1), new Draws.None(), 0.5);
      try (CoreState state = core.snapshot()) {
        heldBefore = state.matrices().get(CoreState.HISTORY).dup();
      }
      INDArray changed = core.read(Parameter.EMBEDDING).muli(3);
      core.write(Parameter.EMBEDDING, changed);
      try (CoreState state = core.snapshot()) {
        assertThat(state.counters()).containsEntry(CoreState.HISTORY_STEPS, 2L);
        assertSameBits(state.matrices().get(CoreState.HISTORY), heldBefore);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Carry.class)
  default void advancingCarriesOnWhatTrainingDoes(Carry carry) {
    CoreConfig config =
        CoreConfigs.with(CoreConfigs.of(SHAPE, new TrueStyle(6, 4, true)), Cell.TANH, 0.8, carry);
    try (RnnCore trained = open(config, 5);
        RnnCore advanced = open(config, 5)) {
      for (int index = 0; index < 3; index++) {
        Draws draws = Draws.of(0.8, 1, 7, 1, index);
        trained.train(window(SHAPE, index), draws, 0);
        advanced.advance(window(SHAPE, index), draws);
      }
      try (CoreState expected = trained.snapshot();
          CoreState state = advanced.snapshot()) {
        assertThat(state.counters())
            .containsEntry(CoreState.OPTIMIZER_STEPS, 0L)
            .containsEntry(
                CoreState.HISTORY_STEPS, expected.counters().get(CoreState.HISTORY_STEPS));
        state
            .matrices()
            .forEach(
                (name, matrix) ->
                    assertThat(matrix.toDoubleMatrix())
                        .as(name)
                        .isDeepEqualTo(expected.matrices().get(name).toDoubleMatrix()));
      }
    }
  }

  @Test
  default void theStartOfAnEpochEndsHistory() {
    for (Truncation truncation :
        new Truncation[] {new TrueStyle(6, 4, true), new FullStyle(4, true)}) {
      CoreConfig config = CoreConfigs.of(SHAPE, truncation);
      try (RnnCore used = open(config, 5);
          RnnCore fresh = open(config, 5)) {
        used.train(window(SHAPE, 1), new Draws.None(), 0);
        Gradients with = used.gradients(window(SHAPE, 2), new Draws.None());
        used.resetState();

        Gradients without = used.gradients(window(SHAPE, 2), new Draws.None());

        Gradients expected = fresh.gradients(window(SHAPE, 2), new Draws.None());
        for (Parameter parameter : SHAPE.parameters()) {
          assertSameBits(without.of(parameter), expected.of(parameter));
        }
        assertThat(relativeError(with.of(Parameter.RECURRENT), expected.of(Parameter.RECURRENT)))
            .isGreaterThan(0.01);
      }
    }
  }

  @Test
  default void evaluationHasNoPartInHistory() {
    CoreConfig config = CoreConfigs.of(SHAPE, new FullStyle(4, true));
    try (RnnCore core = open(config, 5);
        RnnCore plain = open(CoreConfigs.of(SHAPE, new FullStyle(4)), 5)) {
      core.train(window(SHAPE, 1), new Draws.None(), 0);
      Gradients before = core.gradients(window(SHAPE, 2), new Draws.None());

      Evaluation evaluation = core.evaluate(window(SHAPE, 3));

      assertThat(evaluation).isEqualTo(plain.evaluate(window(SHAPE, 3)));
      Gradients after = core.gradients(window(SHAPE, 2), new Draws.None());
      for (Parameter parameter : core.shape().parameters()) {
        assertSameBits(after.of(parameter), before.of(parameter));
      }
    }
  }

  private void assertSame(Gradients gradients, Gradients expected) {
    for (Parameter parameter : SHAPE.parameters()) {
      assertThat(relativeError(gradients.of(parameter), expected.of(parameter)))
          .as(parameter.symbol())
          .isLessThan(tolerance());
    }
  }

  /** Four steps of the draws for eight. */
  private static Draws part(Draws draws, RnnShape whole, int first) {
    return Draws.part(draws, whole, first, 4, false);
  }
}
