package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tbptt.model.core.RnnCoreContract.window;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** What every engine must do to stop and go on. */
interface ContinuationContract extends EngineUnderTest {

  RnnShape SHAPE = new RnnShape(11, 5, 7, 3, 6);
  List<Truncation> STYLES =
      List.of(
          new TensorFlowStyle(6),
          new TrueStyle(3, 6),
          new TrueStyle(9, 6, true),
          new FullStyle(6, true),
          new IntervalStyle(2, 4, 6, true),
          new RandomStyle(0.7, 6),
          new SentenceStyle(3),
          new AdaptiveStyle(0.1, 2, 6));

  static Stream<Arguments> stylesAndOptimizers() {
    return STYLES.stream()
        .flatMap(
            style ->
                Stream.of(Optimizer.values()).map(optimizer -> Arguments.of(style, optimizer)));
  }

  @ParameterizedTest
  @MethodSource("stylesAndOptimizers")
  default void aSnapshotGoesOnWithTheSameBits(Truncation truncation, Optimizer optimizer) {
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.with(
                CoreConfigs.of(SHAPE, truncation),
                new UpdateRule(optimizer, 0.8, 0.95, 1, updateEvery(truncation))),
            Cell.TANH,
            0.8,
            Carry.POST_DROPOUT);
    try (RnnCore core = open(config, 5);
        RnnCore restored = open(config, 99)) {
      trainAndEvaluate(core, truncation, 0, 5);
      if (truncation instanceof AdaptiveStyle) {
        core.setBpttSteps(5);
      }
      try (CoreState state = core.snapshot()) {
        restored.restore(state);
      }

      List<Double> losses = trainAndEvaluate(core, truncation, 5, 8);

      assertThat(trainAndEvaluate(restored, truncation, 5, 8)).isEqualTo(losses);
      try (CoreState end = core.snapshot();
          CoreState restoredEnd = restored.snapshot()) {
        assertThat(restoredEnd.counters()).isEqualTo(end.counters());
        assertSameBits(restoredEnd.matrices(), end.matrices());
      }
    }
  }

  private static int updateEvery(Truncation truncation) {
    boolean whole = truncation.linkKeep() < 1 || !truncation.carriesState();
    return whole ? 0 : 2;
  }

  /** Trains on the windows first .. end-1, and evaluates some between. */
  private static List<Double> trainAndEvaluate(
      RnnCore core, Truncation truncation, int first, int end) {
    return IntStream.range(first, end)
        .boxed()
        .flatMap(
            index -> {
              Draws draws = Draws.of(0.8, truncation.linkKeep(), 3, 1, index);
              StepResult step = core.train(window(SHAPE, index), draws, 0.01);
              return Stream.of(
                  step.loss(), step.gradientNorm(), core.evaluate(window(SHAPE, 50)).lossSum());
            })
        .toList();
  }

  @Test
  default void aSnapshotIsACopy() {
    CoreConfig config = CoreConfigs.of(SHAPE, new TrueStyle(3, 6, true));
    try (RnnCore core = open(config, 5)) {
      core.train(window(SHAPE, 1), new Draws.None(), 0.1);
      CoreState state = core.snapshot();
      INDArray recurrent = state.matrices().get("recurrent").dup();

      core.train(window(SHAPE, 2), new Draws.None(), 0.1);
      assertSameBits(state.matrices().get("recurrent"), recurrent);
      core.restore(state);
      state.matrices().get("recurrent").assign(0);
      assertSameBits(core.read(Parameter.RECURRENT), recurrent);
    }
  }

  @Test
  default void aSnapshotNamesWhatTheOptimizerKeeps() {
    for (Optimizer optimizer : Optimizer.values()) {
      CoreConfig config =
          CoreConfigs.with(CoreConfigs.of(SHAPE, new FullStyle(6)), UpdateRule.of(optimizer));
      try (RnnCore core = open(config, 5);
          CoreState state = core.snapshot()) {
        boolean first = optimizer == Optimizer.MOMENTUM || optimizer == Optimizer.ADAM;
        boolean second = optimizer == Optimizer.RMSPROP || optimizer == Optimizer.ADAM;
        assertThat(state.matrices().containsKey("softmax_bias.first_moment")).isEqualTo(first);
        assertThat(state.matrices().containsKey("softmax_bias.second_moment")).isEqualTo(second);
        assertThat(state.matrices())
            .hasSize(7 + (first ? 5 : 0) + (second ? 5 : 0))
            .containsKeys("embedding", "recurrent", "recurrent_bias", "softmax", "softmax_bias")
            .containsKeys("state", "evaluation_state");
        assertThat(state.counters())
            .isEqualTo(Map.of("optimizer_steps", 0L, "history_steps", 0L, "bptt_steps", 6L));
      }
    }
  }

  @Test
  default void theStateOfAnotherCoreIsRefusedInOneLine() {
    CoreConfig config = CoreConfigs.of(SHAPE, new TrueStyle(3, 6, true));
    try (RnnCore core = open(config, 5);
        CoreState state = core.snapshot()) {
      Map<String, INDArray> missing = new HashMap<>(state.matrices());
      missing.remove("softmax");
      assertRefused(
          core,
          new CoreState(missing, state.counters()),
          "state has the matrices [embedding, evaluation_state, recurrent, recurrent_bias,"
              + " softmax_bias, state]: must be [embedding, evaluation_state, recurrent,"
              + " recurrent_bias, softmax, softmax_bias, state]");
      Map<String, INDArray> turned = new HashMap<>(state.matrices());
      turned.put("softmax", Nd4j.zeros(11, 7));
      assertRefused(
          core,
          new CoreState(turned, state.counters()),
          "state has softmax of shape [11, 7]: must be [7, 11]");
      assertRefused(
          core, withCounter(state, "history_steps", 3), "history_steps = 3: must be from 0 to 2");
      assertRefused(
          core, withCounter(state, "bptt_steps", 4), "bptt_steps = 4: must be from 3 to 3");
      assertRefused(
          core,
          withCounter(state, "optimizer_steps", -1),
          "optimizer_steps = -1: must be from 0 to 2147483647");
    }
  }

  private static CoreState withCounter(CoreState state, String name, long value) {
    Map<String, Long> counters = new HashMap<>(state.counters());
    counters.put(name, value);
    return new CoreState(state.matrices(), counters);
  }

  private static void assertRefused(RnnCore core, CoreState state, String message) {
    assertThatThrownBy(() -> core.restore(state))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
