package org.tbptt.model.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CellsContract;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** The reference engine in double precision: what makes it the oracle. */
class Nd4jDoubleCoreTest extends RnnCoreContract implements CellsContract {

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters) {
    return new Nd4jCore(config, parameters, DataType.DOUBLE);
  }

  @Override
  public DataType type() {
    return DataType.DOUBLE;
  }

  @Override
  public double tolerance() {
    // The golden files' masks are read as floats: 1/keep = 1.25 is exact in them.
    return 1e-10;
  }

  /** With a rate so small that the weights stay as they are, to first order. */
  @ParameterizedTest
  @MethodSource("updatedWithinWindows")
  void updatesWithinAWindowSendErrorsWhereOneUpdateWould(Truncation truncation, int every) {
    double rate = 1e-7;
    RnnShape shape = new RnnShape(11, 5, 7, 3, 12);
    CoreConfig whole = CoreConfigs.of(shape, truncation);
    CoreConfig parts = CoreConfigs.updatingEvery(whole, every);
    try (RnnCore one = open(whole, 5);
        RnnCore several = open(parts, 5)) {
      for (RnnCore core : new RnnCore[] {one, several}) {
        core.train(window(shape, 1), new Draws.None(), 0);
      }
      Gradients gradients = one.gradients(window(shape, 2), new Draws.None());
      Map<Parameter, INDArray> before = new TreeMap<>();
      for (Parameter parameter : shape.parameters()) {
        before.put(parameter, several.read(parameter));
      }

      several.train(window(shape, 2), new Draws.None(), rate);

      for (Parameter parameter : shape.parameters()) {
        // Each part's mean is over u steps: T/u times the weight that its errors have in the whole.
        INDArray moved = before.get(parameter).sub(several.read(parameter)).div(rate);
        INDArray expected = gradients.of(parameter).mul(12.0 / every);
        assertThat(relativeError(moved, expected)).as(parameter.symbol()).isLessThan(1e-5);
      }
    }
  }

  static Stream<Arguments> updatedWithinWindows() {
    return Stream.of(
        Arguments.of(new TensorFlowStyle(12), 4),
        Arguments.of(new TrueStyle(5, 12), 1),
        Arguments.of(new TrueStyle(5, 12, true), 1),
        Arguments.of(new TrueStyle(12, 12), 3),
        Arguments.of(new FullStyle(12, true), 2),
        Arguments.of(new IntervalStyle(2, 8, 12, false), 4),
        Arguments.of(new IntervalStyle(2, 8, 12, true), 6),
        Arguments.of(new AdaptiveStyle(0.1, 7, 12), 4));
  }

  @ParameterizedTest
  @EnumSource(Cell.class)
  void lagByLagIsPassByPass(Cell cell) {
    RnnShape shape = new RnnShape(11, 5, cell, 2, 7, 3, 6);
    Network network =
        Network.of(
            shape,
            DataType.DOUBLE,
            CoreConfigs.parameters(shape, Initialiser.GLOROT, 5, DataType.DOUBLE));
    INDArray link = Nd4j.rand(DataType.DOUBLE, 30, 7); // four steps of history
    INDArray e = Nd4j.rand(DataType.DOUBLE, 18, 7).subi(0.5);
    LayerSteps steps =
        new LayerSteps(
            null,
            Nd4j.rand(DataType.DOUBLE, 30, 7),
            Nd4j.rand(DataType.DOUBLE, 30, 7),
            Nd4j.rand(DataType.DOUBLE, 30, CoreState.keptColumns(shape)));
    Timeline timeline = new Timeline(4, null, List.of(steps, steps), link);
    for (int reach : new int[] {1, 3, 5, 20}) {
      BackwardPasses passes =
          new BackwardPasses(network, timeline, new Segment(0, 6, 1, reach, 4, true));

      List<INDArray> byLag = passes.byLag(e, (lag, first, toStates, toActivations) -> {});

      List<INDArray> byPass = passes.byPass(e);
      for (int layer = 0; layer < 2; layer++) {
        assertThat(relativeError(byLag.get(layer), byPass.get(layer))).isLessThan(1e-13);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 3", "GRU, 3"})
  @Tag("long")
  void fullGradientsOfGatedStacksAreTheSlopesOfTheLossInTheSecondWindow(Cell cell, int layers) {
    fullGradientsAreTheSlopesOfTheLossInTheSecondWindow(cell, layers);
  }

  @ParameterizedTest
  @CsvSource({"TANH, 1", "RELU, 1", "IDENTITY, 1", "LSTM, 1", "GRU, 1", "TANH, 3"})
  void fullGradientsAreTheSlopesOfTheLossInTheSecondWindow(Cell cell, int layers) {
    RnnShape shape = new RnnShape(5, 3, cell, layers, layers == 1 ? 4 : 2, 2, 4);
    CoreConfig config =
        CoreConfigs.with(CoreConfigs.of(shape, new FullStyle(4)), cell, 0.8, Carry.STATE);
    Window first = window(shape, 1);
    Window second = window(shape, 2);
    Draws draws = Draws.of(0.8, 1, 7, 1, 1);
    try (RnnCore core =
        new Nd4jCore(
            config,
            CoreConfigs.parameters(shape, Initialiser.GLOROT, 11, DataType.DOUBLE),
            DataType.DOUBLE)) {
      core.train(first, Draws.of(0.8, 1, 7, 1, 0), 0.1);
      Gradients gradients = core.gradients(second, draws);
      double step = 1e-5;
      for (Parameter parameter : core.shape().parameters()) {
        INDArray weights = core.read(parameter);
        INDArray slopes = Nd4j.zerosLike(weights);
        for (long i = 0; i < weights.length(); i++) {
          double weight = weights.getDouble(i);
          core.write(parameter, weights.putScalar(i, weight + step));
          double above = core.gradients(second, draws).loss();
          core.write(parameter, weights.putScalar(i, weight - step));
          double below = core.gradients(second, draws).loss();
          core.write(parameter, weights.putScalar(i, weight));
          slopes.putScalar(i, (above - below) / (2 * step));
        }
        assertThat(relativeError(gradients.of(parameter), slopes))
            .as(parameter.symbol())
            .isLessThan(1e-7);
      }
    }
  }
}
