package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.tbptt.model.core.RnnCoreContract.relativeError;
import static org.tbptt.model.core.RnnCoreContract.window;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.SentenceStyle;

/** What every engine must do with padding, and with windows of sentences. */
interface PaddingContract extends EngineUnderTest {

  RnnShape SHAPE = new RnnShape(11, 5, 7, 2, 5);

  @Test
  default void aBatchOfPaddedSentencesHasTheGradientsOfEachOnItsOwn() {
    CoreConfig config = CoreConfigs.of(SHAPE, new SentenceStyle(3));
    Window batch = window(SHAPE, 4);
    for (int step = 3; step < 5; step++) { // the first column's sentence is three steps long
      batch.inputs()[2 * step] = Window.PADDING;
      batch.targets()[2 * step] = Window.PADDING;
    }
    Window first = column(batch, 0, 3);
    Window second = column(batch, 1, 5);
    CoreConfig alone = CoreConfigs.of(new RnnShape(11, 5, 7, 1, 5), new SentenceStyle(3));
    try (RnnCore both = open(config, 5);
        RnnCore one = open(alone, 5)) {
      Gradients gradients = both.gradients(batch, new Draws.None());

      Gradients ofFirst = one.gradients(first, new Draws.None());
      Gradients ofSecond = one.gradients(second, new Draws.None());
      assertThat(gradients.loss())
          .isCloseTo((3 * ofFirst.loss() + 5 * ofSecond.loss()) / 8, within(1e-6));
      for (Parameter parameter : SHAPE.parameters()) {
        INDArray expected =
            ofFirst.of(parameter).mul(3).addi(ofSecond.of(parameter).mul(5)).divi(8);
        assertThat(relativeError(gradients.of(parameter), expected))
            .as(parameter.symbol())
            .isLessThan(tolerance());
      }
    }
  }

  @Test
  default void onlyTargetsThatAreNotPaddingAreCounted() {
    CoreConfig config = CoreConfigs.of(SHAPE, new FullStyle(5));
    Window window = window(SHAPE, 4);
    try (RnnCore core = open(config, 5)) {
      Evaluation whole = core.evaluate(window);
      assertThat(whole.counted()).isEqualTo(10);
      core.resetState();
      Arrays.fill(window.targets(), 4, 10, Window.PADDING);
      Evaluation beginning = core.evaluate(window);

      assertThat(beginning.counted()).isEqualTo(4);
      assertThat(beginning.lossSum()).isLessThan(whole.lossSum());
      assertThat(core.train(window, new Draws.None(), 0))
          .satisfies(step -> assertThat(step.counted()).isEqualTo(4))
          .satisfies(step -> assertThat(step.loss()).isCloseTo(beginning.meanLoss(), within(1e-6)));
    }
  }

  @Test
  default void aWindowOfPaddingTeachesNothing() {
    CoreConfig config = CoreConfigs.of(SHAPE, new FullStyle(5));
    Window window = window(SHAPE, 4);
    Arrays.fill(window.inputs(), Window.PADDING);
    Arrays.fill(window.targets(), Window.PADDING);
    try (RnnCore core = open(config, 5)) {
      INDArray recurrent = core.read(Parameter.RECURRENT);

      assertThat(core.train(window, new Draws.None(), 0.1))
          .isEqualTo(new StepResult(0, 0, 0, false));

      assertThat(core.read(Parameter.RECURRENT)).isEqualTo(recurrent);
    }
  }

  @Test
  default void sentencesStartFromZeroWhateverCameBefore() {
    CoreConfig config = CoreConfigs.of(SHAPE, new SentenceStyle(3));
    Window window = window(SHAPE.ofSteps(4), 1);
    try (RnnCore core = open(config, 5)) {
      Gradients fresh = core.gradients(window, new Draws.None());
      Evaluation evaluation = core.evaluate(window);
      core.train(window(SHAPE, 2), new Draws.None(), 0);

      Gradients again = core.gradients(window, new Draws.None());

      assertThat(again.loss()).isEqualTo(fresh.loss());
      assertThat(again.of(Parameter.RECURRENT)).isEqualTo(fresh.of(Parameter.RECURRENT));
      assertThat(core.evaluate(window)).isEqualTo(evaluation);
    }
  }

  @Test
  default void aSentenceLongerThanTheLongestIsRefused() {
    try (RnnCore core = open(CoreConfigs.of(SHAPE, new SentenceStyle(3)), 5)) {
      assertThatThrownBy(() -> core.evaluate(window(SHAPE.ofSteps(6), 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a window of T = 6, B = 2 was given to a core of T = 5, B = 2");
    }
  }

  private static Window column(Window batch, int column, int steps) {
    int[] inputs = new int[steps];
    int[] targets = new int[steps];
    for (int step = 0; step < steps; step++) {
      inputs[step] = batch.inputs()[step * batch.columns() + column];
      targets[step] = batch.targets()[step * batch.columns() + column];
    }
    return new Window(steps, 1, inputs, targets);
  }
}
