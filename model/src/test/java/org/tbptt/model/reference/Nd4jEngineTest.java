package org.tbptt.model.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class Nd4jEngineTest {

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(Cell.TANH, 1, new TensorFlowStyle(20)),
        Arguments.of(Cell.TANH, 2, new TrueStyle(20, 40)),
        Arguments.of(Cell.TANH, 1, new TrueStyle(40, 20, true)),
        Arguments.of(Cell.LSTM, 1, new TrueStyle(5, 20, true)),
        Arguments.of(Cell.LSTM, 2, new TrueStyle(20, 40)),
        Arguments.of(Cell.GRU, 3, new TrueStyle(10, 20)),
        Arguments.of(Cell.GRU, 1, new IntervalStyle(5, 15, 20, false)),
        Arguments.of(Cell.GRU, 1, new FullStyle(20, true)),
        Arguments.of(Cell.LSTM, 1, new AdaptiveStyle(0.1, 5, 20)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void itsMemoryIsAtLeastThatOfAWindowAndLessThanThreeTimesAsMuch(
      Cell cell, int layers, Truncation truncation) {
    int steps = truncation.seqLen();
    RnnShape shape = new RnnShape(200, 40, cell, layers, 60, 8, steps);
    CoreConfig config =
        CoreConfigs.with(CoreConfigs.of(shape, truncation), UpdateRule.of(Optimizer.ADAM));
    try (Nd4jCore core =
        new Nd4jCore(
            config,
            CoreConfigs.parameters(shape, Initialiser.GLOROT, 1, DataType.FLOAT),
            DataType.FLOAT)) {
      if (truncation instanceof AdaptiveStyle) {
        core.setBpttSteps(19); // the most that is not one pass
      }
      for (int index = 0; index < 4; index++) { // until the history is full
        core.train(RnnCoreContract.window(shape, index), new Draws.None(), 0.1);
      }
      long parameters = (3 + Parameters.TRAINER_COPIES) * Parameters.bytes(shape);

      long estimate = new Nd4jEngine().offHeapBytes(config) - parameters;

      assertThat(estimate).isBetween(core.windowBytes(), 3 * core.windowBytes());
    }
  }
}
