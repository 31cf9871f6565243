package org.tbptt.model.nativecore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnCoreContract;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.reference.Nd4jCore;
import org.tbptt.model.reference.Nd4jEngine;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** The native core, by the contract and beside the reference engine. */
@WithNativeCore
class NativeCoreTest extends RnnCoreContract implements CellsContract {

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters) {
    return new NativeCore(config, 1, parameters);
  }

  @Override
  public DataType type() {
    return DataType.FLOAT;
  }

  @Override
  public double tolerance() {
    return 2e-6;
  }

  @ParameterizedTest
  @CsvSource({"10000, 50, 100, 32, 20, 20, 0.8", "10000, 50, 100, 32, 5, 20, 0.8"})
  @Tag("long")
  void twentyWindowsOfTheFullSizeAreThoseOfTheReference(
      int vocabulary, int embedding, int hidden, int batch, int reach, int steps, double keep) {
    twentyWindowsOfTrainingAreThoseOfTheReference(
        vocabulary, embedding, hidden, batch, reach, steps, keep);
  }

  @ParameterizedTest
  @CsvSource({
    "997, 31, 65, 7, 3, 13, 0.7",
    "2, 64, 9, 100, 9, 20, 1.0",
    "33, 1, 1, 1, 1, 1, 0.5",
  })
  void twentyWindowsOfTrainingAreThoseOfTheReference(
      int vocabulary, int embedding, int hidden, int batch, int reach, int steps, double keep) {
    Truncation truncation =
        reach == steps ? new TensorFlowStyle(steps) : new TrueStyle(reach, steps);
    RnnModel model =
        new RnnModel(
            Cell.TANH,
            hidden,
            embedding,
            keep,
            Initialiser.UNIFORM_UNIT_SCALING,
            Carry.POST_DROPOUT);
    CoreConfig config =
        new CoreConfig(
            vocabulary,
            batch,
            steps,
            model,
            truncation,
            new UpdateRule(Optimizer.ADAM, 0, 0, 5, 0),
            Normalisation.R2RT,
            Precision.FP32);
    RnnShape shape = config.shape();
    try (RnnCore core = new NativeEngine().open(config, 3, 1);
        RnnCore reference = new Nd4jEngine().open(config, 3, 1)) {
      for (int index = 0; index < 20; index++) {
        Window window = window(shape, index);
        Draws draws = Draws.of(keep, 1, 3, 1, index);

        StepResult step = core.train(window, draws, 0.003);
        StepResult expected = reference.train(window, draws, 0.003);

        assertThat(step.loss()).as("window %d", index).isCloseTo(expected.loss(), within(2e-5));
        // Rounding grows from window to window.
        assertThat(step.gradientNorm() / expected.gradientNorm())
            .isCloseTo(1, within(index == 0 ? 2e-6 : 1e-3));
        assertThat(step.clipped()).isEqualTo(expected.clipped());
      }
      assertThat(
              relativeError(
                  core.readState().get(CoreState.hidden(1)),
                  reference.readState().get(CoreState.hidden(1))))
          .isLessThan(1e-3);
      Window window = window(shape, 99);
      assertThat(core.evaluate(window).meanLoss())
          .isCloseTo(reference.evaluate(window).meanLoss(), within(2e-5));
    }
  }

  @Test
  void everyNumberOfThreadsGivesTheSameBits() {
    everyNumberOfThreadsGivesTheSameBits(new RnnShape(997, 31, 65, 7, 13));
    everyNumberOfThreadsGivesTheSameBits(new RnnShape(97, 31, Cell.LSTM, 2, 65, 7, 13));
    everyNumberOfThreadsGivesTheSameBits(new RnnShape(97, 31, Cell.GRU, 3, 33, 7, 13));
  }

  private static void everyNumberOfThreadsGivesTheSameBits(RnnShape shape) {
    CoreConfig config = CoreConfigs.of(shape, new TrueStyle(5, 13));
    try (RnnCore alone = new NativeEngine().open(config, 3, 1);
        RnnCore together = new NativeEngine().open(config, 3, 3)) {
      for (int index = 0; index < 5; index++) {
        Draws draws = Draws.of(0.8, 1, 3, 1, index);
        assertThat(together.train(window(shape, index), draws, 0.01))
            .isEqualTo(alone.train(window(shape, index), draws, 0.01));
      }
      assertThat(together.evaluate(window(shape, 9))).isEqualTo(alone.evaluate(window(shape, 9)));
      for (Parameter parameter : shape.parameters()) {
        assertThat(together.read(parameter).data().asFloat())
            .as(parameter.key())
            .isEqualTo(alone.read(parameter).data().asFloat());
      }
    }
  }

  @Test
  void aNumberOfThreadsThatCannotBeIsRefused() {
    CoreConfig config = CoreConfigs.of(new RnnShape(9, 3, 4, 2, 5), new TensorFlowStyle(5));
    assertThatThrownBy(() -> new NativeEngine().open(config, 1, 1025))
        .hasMessage("config.threads 1025: allowed 0..1024");
  }

  /** Style, u, optimiser, cell; the gateless ones also with the carry after dropout. */
  static Stream<Arguments> everyStyle() {
    return Stream.of(
        Arguments.of(new TensorFlowStyle(12), 0, Optimizer.MOMENTUM, Cell.TANH),
        Arguments.of(new TensorFlowStyle(12), 3, Optimizer.SGD, Cell.IDENTITY),
        Arguments.of(new TrueStyle(5, 12), 0, Optimizer.RMSPROP, Cell.RELU),
        Arguments.of(new TrueStyle(5, 12), 4, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new TrueStyle(5, 12, true), 0, Optimizer.SGD, Cell.RELU),
        Arguments.of(new TrueStyle(5, 12, true), 1, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new TrueStyle(30, 12, true), 6, Optimizer.MOMENTUM, Cell.TANH),
        Arguments.of(new FullStyle(12), 2, Optimizer.RMSPROP, Cell.TANH),
        Arguments.of(new FullStyle(12, true), 0, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new FullStyle(12, true), 4, Optimizer.SGD, Cell.TANH),
        Arguments.of(new IntervalStyle(3, 7, 12, false), 0, Optimizer.ADAM, Cell.RELU),
        Arguments.of(new IntervalStyle(3, 7, 12, false), 6, Optimizer.SGD, Cell.TANH),
        Arguments.of(new IntervalStyle(3, 20, 12, true), 3, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new RandomStyle(0.7, 12), 0, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new SentenceStyle(4), 0, Optimizer.SGD, Cell.TANH),
        Arguments.of(new AdaptiveStyle(0.1, 4, 12), 3, Optimizer.ADAM, Cell.TANH),
        Arguments.of(new TensorFlowStyle(12), 0, Optimizer.ADAM, Cell.LSTM),
        Arguments.of(new TensorFlowStyle(12), 3, Optimizer.SGD, Cell.GRU),
        Arguments.of(new TrueStyle(5, 12, true), 4, Optimizer.ADAM, Cell.LSTM),
        Arguments.of(new TrueStyle(5, 12, true), 0, Optimizer.RMSPROP, Cell.GRU));
  }

  static Stream<Arguments> furtherStylesOfGates() {
    return Stream.of(
        Arguments.of(new FullStyle(12, true), 0, Optimizer.MOMENTUM, Cell.LSTM),
        Arguments.of(new IntervalStyle(3, 20, 12, true), 3, Optimizer.ADAM, Cell.GRU),
        Arguments.of(new RandomStyle(0.7, 12), 0, Optimizer.ADAM, Cell.LSTM),
        Arguments.of(new SentenceStyle(4), 0, Optimizer.SGD, Cell.GRU),
        Arguments.of(new AdaptiveStyle(0.1, 4, 12), 3, Optimizer.ADAM, Cell.LSTM));
  }

  @ParameterizedTest
  @MethodSource("furtherStylesOfGates")
  @Tag("long")
  void twentyWindowsOfFurtherStylesOfGatesAreThoseOfTheReference(
      Truncation truncation, int updateEvery, Optimizer optimizer, Cell cell) {
    twentyWindowsOfEveryStyleAreThoseOfTheReference(truncation, updateEvery, optimizer, cell);
  }

  @ParameterizedTest
  @MethodSource("everyStyle")
  void twentyWindowsOfEveryStyleAreThoseOfTheReference(
      Truncation truncation, int updateEvery, Optimizer optimizer, Cell cell) {
    RnnShape shape = new RnnShape(97, 11, cell, cell.isGated() ? 2 : 1, 19, 5, 12);
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.with(
                CoreConfigs.of(shape, truncation),
                new UpdateRule(optimizer, 0.8, 0.9, 2, updateEvery)),
            cell,
            0.8,
            cell.isGated() ? Carry.STATE : Carry.POST_DROPOUT);
    boolean sentences = !truncation.carriesState();
    try (RnnCore core = open(config, 3);
        RnnCore reference =
            new Nd4jCore(
                config,
                CoreConfigs.parameters(shape, Initialiser.GLOROT, 3, DataType.DOUBLE),
                DataType.DOUBLE)) {
      for (int index = 0; index < 20; index++) {
        Window window = window(sentences ? shape.ofSteps(3 + index % 10) : shape, index);
        window.targets()[index % 10] = Window.PADDING;
        window.inputs()[(index + 5) % 10] = Window.PADDING;
        Draws draws = Draws.of(0.8, truncation.linkKeep(), 3, 1, index);
        if (truncation instanceof AdaptiveStyle) {
          core.setBpttSteps(1 + index % 12);
          reference.setBpttSteps(1 + index % 12);
        }

        StepResult step = core.train(window, draws, 0.003);
        StepResult expected = reference.train(window, draws, 0.003);

        assertThat(step.counted()).isEqualTo(expected.counted());
        assertThat(step.loss()).as("window %d", index).isCloseTo(expected.loss(), within(1e-5));
        assertThat(step.gradientNorm() / expected.gradientNorm()).isCloseTo(1, within(1e-4));
        assertThat(step.clipped()).isEqualTo(expected.clipped());
      }
      for (Parameter parameter : core.shape().parameters()) {
        assertThat(relativeError(core.read(parameter), reference.read(parameter)))
            .as(parameter.symbol())
            .isLessThan(1e-4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void lagsAreMeasuredInSinglePrecisionWhateverTheTrainings(Precision precision) {
    CoreConfig single = config(new TrueStyle(4, 6, true));
    try (RnnCore core = new NativeEngine().open(single.in(precision), 5, 1);
        RnnCore exact = new NativeEngine().open(single, 5, 1)) {
      Draws draws = Draws.of(0.8, 1, 1, 1, 1);
      core.train(window(SMALL, 1), Draws.of(0.8, 1, 1, 1, 0), 0);
      exact.train(window(SMALL, 1), Draws.of(0.8, 1, 1, 1, 0), 0);

      LagNorms norms = core.lags(window(SMALL, 2), draws, 6);

      LagNorms expected = exact.lags(window(SMALL, 2), draws, 6);
      assertThat(norms.phi()).isEqualTo(expected.phi());
      assertThat(norms.weightL1()).isEqualTo(expected.weightL1());
      assertThat(norms.weightL2()).isEqualTo(expected.weightL2());
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16, 1e-2, 1e-5", "BF16X2, 1e-5, 1e-7"})
  void lowerPrecisionsAreAsExactAsTheyPromise(Precision precision, double most, double least) {
    CoreConfig single = config(new TrueStyle(3, 6));
    CoreConfig lower = single.in(precision);
    Map<Parameter, INDArray> exact =
        CoreConfigs.parameters(SMALL, Initialiser.GLOROT, 5, DataType.DOUBLE);
    try (RnnCore core = new NativeEngine().open(lower, 5, 1);
        RnnCore reference = new Nd4jCore(single, exact, DataType.DOUBLE)) {
      Gradients gradients = core.gradients(window(SMALL, 1), new Draws.None());
      Gradients expected = reference.gradients(window(SMALL, 1), new Draws.None());

      for (Parameter parameter : core.shape().parameters()) {
        assertThat(relativeError(gradients.of(parameter), expected.of(parameter)))
            .as("%s", parameter)
            .isBetween(least, most);
      }
    }
  }

  @Test
  void arraysInAnyOrderAreTakenForTheirValues() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      INDArray recurrent = core.read(Parameter.RECURRENT);
      INDArray wide = Nd4j.rand(DataType.FLOAT, 20, 14);
      INDArray view =
          wide.get(
              org.nd4j.linalg.indexing.NDArrayIndex.interval(3, 15),
              org.nd4j.linalg.indexing.NDArrayIndex.interval(2, 9));

      core.write(Parameter.RECURRENT, view);
      assertSameBits(core.read(Parameter.RECURRENT), view.dup('c'));
      core.write(Parameter.RECURRENT, recurrent.dup('f'));
      assertSameBits(core.read(Parameter.RECURRENT), recurrent);
    }
  }

  @Test
  void valuesOfAnotherShapeAreRefused() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      assertThatThrownBy(() -> core.write(Parameter.RECURRENT, Nd4j.zeros(7, 12)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("values of shape [7, 12] were given for a matrix of (12, 7)");
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefusedBeforeAnythingChanges() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      Window window = window(SMALL, 1);
      window.inputs()[4] = 11;

      assertThatThrownBy(() -> core.train(window, new Draws.None(), RATE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("11")
          .hasMessageContaining("10");
      assertSameBits(core.read(Parameter.RECURRENT), parameters(5).get(Parameter.RECURRENT));
    }
  }

  @Test
  void aCoreThatIsCancelledStopsAndIsAsItWas() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      core.cancel();

      assertThatThrownBy(() -> core.train(window(SMALL, 1), new Draws.None(), RATE))
          .isInstanceOf(CancellationException.class);
      assertThatThrownBy(() -> core.evaluate(window(SMALL, 1)))
          .isInstanceOf(CancellationException.class);
      assertSameBits(core.read(Parameter.RECURRENT), parameters(5).get(Parameter.RECURRENT));
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void lagsOfACoreThatIsCancelledStopWhateverItsPrecision(Precision precision) {
    try (RnnCore core = new NativeEngine().open(config(new TrueStyle(4, 6)).in(precision), 5, 1)) {
      core.cancel();

      assertThatThrownBy(() -> core.lags(window(SMALL, 1), new Draws.None(), 4))
          .isInstanceOf(CancellationException.class);
    }
  }

  static List<Parameter> parametersOfOneLayer() {
    return SMALL.parameters();
  }

  @ParameterizedTest
  @MethodSource("parametersOfOneLayer")
  void valuesThatAreNotFiniteAreRefusedWithTheParametersName(Parameter parameter) {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      INDArray before = core.read(parameter);
      INDArray values = before.dup().putScalar(0, 1, Double.NaN);

      assertThatThrownBy(() -> core.write(parameter, values))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(parameter.key() + ": values[1] of tensor ")
          .hasMessageEndingWith(" is nan: allowed finite numbers");
      assertSameBits(core.read(parameter), before);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 50", "1, 0"})
  void gradientsThatAreNotFiniteAreToldAndChangeNothing(double clipNorm, int updateEvery) {
    RnnShape shape = SMALL.ofSteps(100);
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.with(
                CoreConfigs.of(shape, new TensorFlowStyle(100)),
                new UpdateRule(Optimizer.ADAM, 0, 0, clipNorm, updateEvery)),
            Cell.IDENTITY,
            1,
            Carry.STATE);
    try (RnnCore core = new NativeEngine().open(config, 5, 1)) {
      // States of zero, and errors that grow a hundred times a step.
      for (Parameter parameter : List.of(Parameter.EMBEDDING, Parameter.RECURRENT_BIAS)) {
        core.write(parameter, core.read(parameter).assign(0));
      }
      INDArray recurrent = core.read(Parameter.RECURRENT).assign(0);
      for (int h = 0; h < 7; h++) {
        recurrent.putScalar(5 + h, h, 100);
      }
      core.write(Parameter.RECURRENT, recurrent);
      try (CoreState before = core.snapshot()) {
        StepResult step = core.train(window(shape, 1), new Draws.None(), RATE);

        assertThat(step.loss()).isBetween(1.0, 4.0);
        assertThat(step.gradientNorm()).isNaN();
        assertThat(step.clipped()).isFalse();
        assertSameBits(core.snapshot(), before);
      }
    }
  }

  @Test
  void aClosedCoreRefusesAndClosesAgain() {
    RnnCore core = open(config(new FullStyle(6)), parameters(5));
    core.close();
    core.close();

    assertThatThrownBy(core::readState)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the core is closed");
  }

  @Test
  void theLibraryTellsItsVersionAndInstructionSet() {
    assertThat(NativeLibrary.version()).matches("\\d+\\.\\d+\\.\\d+");
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      assertThat(core.engine()).isEqualTo("native");
      assertThat(core.instructionSet()).isEqualTo(NativeLibrary.instructionSet()).isNotBlank();
    }
  }

  @Test
  void manyCoresComeAndGo() {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      int size = 1 + random.nextInt(40);
      CoreConfig config =
          CoreConfigs.with(
              CoreConfigs.of(new RnnShape(5 + size, 3, size, 2, 4), new TensorFlowStyle(4)),
              Cell.RELU,
              1,
              Carry.STATE);
      try (RnnCore core = new NativeEngine().open(config, i, 1)) {
        StepResult step = core.train(window(config.shape(), i), new Draws.None(), RATE);
        assertThat(step.loss()).isBetween(0.1, 20.0);
      }
    }
  }

  private static final RnnShape SMALL = new RnnShape(11, 5, 7, 3, 6);
}
