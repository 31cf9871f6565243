package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** What every engine must do; each engine has a test class that extends this one. */
public abstract class RnnCoreContract
    implements GoldenContract, HistoryContract, ContinuationContract, PaddingContract {

  private static final RnnShape SHAPE = new RnnShape(11, 5, 7, 3, 6);
  public static final double RATE = 0.1;

  @Test
  void trueWithErrorsThatReachTheWindowsStartIsFullAndIsOneChunk() {
    int steps = SHAPE.steps();
    Gradients full = gradients(config(new FullStyle(steps)), Normalisation.MEAN);
    for (Truncation same : List.of(new TrueStyle(steps, steps), new TensorFlowStyle(steps))) {
      Gradients gradients = gradients(config(same), Normalisation.MEAN);
      for (Parameter parameter : SHAPE.parameters()) {
        assertThat(relativeError(gradients.of(parameter), full.of(parameter)))
            .as("%s %s", same, parameter)
            .isLessThan(tolerance());
      }
    }
  }

  @Test
  void oneLagKeepsEveryErrorInItsOwnStep() {
    // Without travel in time, the gradient is the sum over steps of one-step windows' gradients.
    CoreConfig config = config(new TrueStyle(1, SHAPE.steps()));
    Window window = window(SHAPE, 3);
    Gradients whole;
    try (RnnCore core = open(config, parameters(5))) {
      whole = core.gradients(window, new Draws.None());
    }
    CoreConfig one = config(new TensorFlowStyle(1));
    INDArray sum = null;
    try (RnnCore core = open(one, parameters(5))) {
      for (int t = 0; t < SHAPE.steps(); t++) {
        Window step = window.part(t, 1);
        INDArray recurrent =
            core.gradients(step, new Draws.None()).of(Parameter.RECURRENT).div(SHAPE.steps());
        sum = sum == null ? recurrent : sum.add(recurrent);
        core.train(step, new Draws.None(), 0); // only to carry the state on
      }
    }
    assertThat(relativeError(whole.of(Parameter.RECURRENT), sum)).isLessThan(tolerance());
  }

  @Test
  void r2rtNormalisationScalesOnlyTheRecurrentGradients() {
    CoreConfig config = config(new TrueStyle(2, SHAPE.steps()));
    Gradients mean = gradients(config, Normalisation.MEAN);
    Gradients r2rt = gradients(config, Normalisation.R2RT);
    double ratio = SHAPE.steps() / 2.0;
    for (Parameter parameter : SHAPE.parameters()) {
      boolean output =
          parameter.equals(Parameter.SOFTMAX) || parameter.equals(Parameter.SOFTMAX_BIAS);
      INDArray expected = mean.of(parameter).mul(output ? 1 : ratio);
      assertThat(relativeError(r2rt.of(parameter), expected))
          .as(parameter.symbol())
          .isLessThan(tolerance());
    }
  }

  @Test
  void lagNormsAreThoseOfTheMeanLossUnderEveryNormalisation() {
    CoreConfig config = config(new TrueStyle(3, SHAPE.steps()));
    double[] expected = lags(config).weightL2();
    for (Normalisation normalisation : Normalisation.values()) {
      double[] norms = lags(CoreConfigs.with(config, normalisation)).weightL2();
      for (int lag = 0; lag < norms.length; lag++) {
        assertThat(norms[lag])
            .as("%s, lag %d", normalisation, lag)
            .isCloseTo(expected[lag], withinPercentage(1e-3));
      }
    }
  }

  private LagNorms lags(CoreConfig config) {
    try (RnnCore core = open(config, parameters(5))) {
      return core.lags(window(SHAPE, 1), new Draws.None(), 3);
    }
  }

  @Test
  void gradientsChangeNothing() {
    try (RnnCore core = open(config(new TrueStyle(3, SHAPE.steps(), true)), parameters(5))) {
      core.train(window(SHAPE, 1), new Draws.None(), RATE);
      core.evaluate(window(SHAPE, 2));
      try (CoreState before = core.snapshot()) {
        core.gradients(window(SHAPE, 1), new Draws.None());

        assertSameBits(core.snapshot(), before);
      }
    }
  }

  @Test
  void plainGradientDescentMovesAgainstTheGradient() {
    CoreConfig config = config(new TrueStyle(3, SHAPE.steps()));
    try (RnnCore core = open(config, parameters(5))) {
      Window window = window(SHAPE, 1);
      Gradients gradients = core.gradients(window, new Draws.None());
      Map<Parameter, INDArray> before = parameters(5);

      StepResult step = core.train(window, new Draws.None(), RATE);

      assertThat(step.loss()).isEqualTo(gradients.loss());
      assertThat(step.clipped()).isFalse();
      for (Parameter parameter : SHAPE.parameters()) {
        INDArray moved = before.get(parameter).sub(core.read(parameter));
        assertThat(relativeError(moved, gradients.of(parameter).mul(RATE)))
            .as(parameter.symbol())
            .isLessThan(1e3 * tolerance());
      }
    }
  }

  @Test
  void clippingScalesAllGradientsTogether() {
    CoreConfig free = config(new TrueStyle(3, SHAPE.steps()));
    CoreConfig clipping = CoreConfigs.clipping(free, 0.01);
    Window window = window(SHAPE, 1);
    double norm;
    try (RnnCore core = open(free, parameters(5))) {
      norm = core.train(window, new Draws.None(), RATE).gradientNorm();
    }
    assertThat(norm).isGreaterThan(0.01);
    try (RnnCore core = open(clipping, parameters(5))) {
      StepResult step = core.train(window, new Draws.None(), RATE);

      assertThat(step.clipped()).isTrue();
      assertThat(step.gradientNorm()).isCloseTo(norm, within(1e-6));
      double squares = 0;
      for (Parameter parameter : SHAPE.parameters()) {
        double moved =
            parameters(5)
                .get(parameter)
                .sub(core.read(parameter))
                .castTo(DataType.DOUBLE)
                .norm2Number()
                .doubleValue();
        squares += moved * moved;
      }
      assertThat(Math.sqrt(squares)).isCloseTo(0.01 * RATE, within(1e-5));
    }
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void optimizersFollowTheirFormulasOverSeveralSteps(Optimizer optimizer) {
    CoreConfig config =
        CoreConfigs.with(
            config(new TrueStyle(3, SHAPE.steps())), new UpdateRule(optimizer, 0.8, 0.95, 0, 0));
    try (RnnCore core = open(config, parameters(5))) {
      double[] weights = doubles(core.read(Parameter.RECURRENT));
      double[] m = new double[weights.length];
      double[] v = new double[weights.length];
      for (int t = 1; t <= 5; t++) {
        Window window = window(SHAPE, t);
        double[] g = doubles(core.gradients(window, new Draws.None()).of(Parameter.RECURRENT));
        double rate = 0.01 / t;
        double adamRate = rate * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t));
        for (int i = 0; i < weights.length; i++) {
          switch (optimizer) {
            case SGD -> weights[i] -= rate * g[i];
            case MOMENTUM -> {
              m[i] = 0.8 * m[i] + g[i];
              weights[i] -= rate * m[i];
            }
            case ADAM -> {
              m[i] = 0.9 * m[i] + 0.1 * g[i];
              v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
              weights[i] -= adamRate * m[i] / (Math.sqrt(v[i]) + 1e-8);
            }
            case RMSPROP -> {
              v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
              weights[i] -= rate * g[i] / (Math.sqrt(v[i]) + 1e-8);
            }
          }
        }
        core.train(window, new Draws.None(), rate);
      }
      double[] actual = doubles(core.read(Parameter.RECURRENT));
      for (int i = 0; i < weights.length; i++) {
        assertThat(actual[i]).isCloseTo(weights[i], within(20 * tolerance()));
      }
    }
  }

  @Test
  void gradientsOfSummedLossesAreThoseOfTheMeanTimesTheLossesOfAColumn() {
    Truncation truncation = new TrueStyle(3, 6);
    Gradients mean = gradients(config(truncation), Normalisation.MEAN);
    Gradients sum = gradients(config(truncation), Normalisation.BATCH);

    assertThat(sum.loss()).isEqualTo(mean.loss());
    for (Parameter parameter : SHAPE.parameters()) {
      assertThat(relativeError(sum.of(parameter), mean.of(parameter).mul(6)))
          .as(parameter.symbol())
          .isLessThan(tolerance());
    }
  }

  @Test
  void theNormOfSummedLossesIsClippedAndTheUpdateScaled() {
    CoreConfig config = CoreConfigs.with(config(new FullStyle(6)), Normalisation.BATCH);
    try (RnnCore summed = open(config, parameters(5));
        RnnCore mean = open(config(new FullStyle(6)), parameters(5))) {
      StepResult step = summed.train(window(SHAPE, 1), new Draws.None(), 0.01);
      StepResult expected = mean.train(window(SHAPE, 1), new Draws.None(), 0.06);

      assertThat(step.gradientNorm())
          .isCloseTo(6 * expected.gradientNorm(), within(60 * tolerance()));
      assertThat(step.loss()).isEqualTo(expected.loss());
      for (Parameter parameter : SHAPE.parameters()) {
        assertThat(relativeError(summed.read(parameter), mean.read(parameter)))
            .as(parameter.symbol())
            .isLessThan(tolerance());
      }
    }
  }

  @Test
  void probabilitiesAreThoseOfTheLossesOfAnEvaluation() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5));
        RnnCore other = open(config(new FullStyle(6)), parameters(5))) {
      double[] losses = new double[2];
      for (int index = 0; index < 2; index++) {
        Window window = window(SHAPE, index);
        INDArray probabilities = core.probabilities(window);
        // Only the last step's targets count.
        int[] targets = window.targets().clone();
        Arrays.fill(targets, 0, 5 * 3, Window.PADDING);
        Window lastStep = new Window(6, 3, window.inputs(), targets);
        Evaluation evaluation = other.evaluate(lastStep);

        assertThat(probabilities.shape()).containsExactly(3, 11);
        for (int b = 0; b < 3; b++) {
          losses[index] -= Math.log(probabilities.getDouble(b, targets[5 * 3 + b]));
          assertThat(probabilities.getRow(b).sumNumber().doubleValue()).isCloseTo(1, within(1e-6));
        }
        assertThat(losses[index]).isCloseTo(evaluation.lossSum(), within(1e-5));
      }
      assertThat(losses[0]).isNotEqualTo(losses[1]);
    }
  }

  @Test
  void probabilitiesAreThoseOfTheParametersAsTheyAreNow() {
    CoreConfig config = config(new FullStyle(6));
    Window window = window(SHAPE, 1);
    try (RnnCore core = open(config, parameters(5));
        CoreState start = core.snapshot()) {
      INDArray before = core.probabilities(window);
      core.train(window, new Draws.None(), RATE);
      core.resetState();
      INDArray trained = core.probabilities(window);
      core.write(Parameter.SOFTMAX_BIAS, Nd4j.zeros(type(), 1, 11));
      core.resetState();
      INDArray written = core.probabilities(window);
      core.restore(start);

      INDArray restored = core.probabilities(window);

      assertThat(trained).isNotEqualTo(before);
      assertThat(written).isNotEqualTo(trained);
      assertSameBits(restored, before);
    }
  }

  @Test
  void masksOfAnotherSizeAreRefused() {
    float[] input = new float[6 * 3 * 5];
    float[] output = new float[6 * 3 * 7];
    Window window = window(SHAPE, 1);
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      assertThatThrownBy(
              () -> core.train(window, new Draws.Given(List.of(new float[89], output), null), RATE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the input mask has 89 values: must be 90");
      assertThatThrownBy(
              () -> core.train(window, new Draws.Given(List.of(input, new float[127]), null), RATE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the output mask has 127 values: must be 126");
      assertThatThrownBy(
              () -> core.gradients(window, new Draws.Given(List.of(input, output), new double[17])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the link mask has 17 values: must be 18");
    }
  }

  @Test
  void adaptiveIsTrueWithTheStepsThatItIsGiven() {
    Window window = window(SHAPE, 1);
    try (RnnCore adaptive = open(config(new AdaptiveStyle(0.1, 2, 6)), parameters(5))) {
      for (int bpttSteps : new int[] {2, 5, 6, 1}) {
        if (bpttSteps != 2) {
          adaptive.setBpttSteps(bpttSteps);
        }
        try (RnnCore fixed = open(config(new TrueStyle(bpttSteps, 6)), parameters(5))) {
          assertSameBits(
              adaptive.gradients(window, new Draws.None()).of(Parameter.RECURRENT),
              fixed.gradients(window, new Draws.None()).of(Parameter.RECURRENT));
        }
      }
      assertThatThrownBy(() -> adaptive.setBpttSteps(7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("bptt-steps = 7: must be from 1 to seq-len = 6");
    }
  }

  @Test
  void theStepsOfAnyOtherStyleAreFixed() {
    try (RnnCore core = open(config(new TrueStyle(3, 6)), parameters(5))) {
      assertThatThrownBy(() -> core.setBpttSteps(2))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("style = true has a fixed bptt-steps = 3");
    }
  }

  @Test
  void lagsAreMeasuredOfWholeErrorsOnly() {
    try (RnnCore core = open(config(new RandomStyle(0.5, 6)), parameters(5))) {
      Window window = window(SHAPE, 1);
      assertThatThrownBy(() -> core.lags(window, Draws.of(1, 0.5, 1, 1, 0), 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("lags are measured without cut links");
      assertThatThrownBy(() -> core.lags(window, new Draws.None(), 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("lags = 0: must be at least 1");
    }
  }

  @Test
  void lagsThatNoErrorOfTheWindowReachesAreZero() {
    try (RnnCore core = open(config(new TensorFlowStyle(6)), parameters(5))) {
      LagNorms norms = core.lags(window(SHAPE, 1), new Draws.None(), 8);

      for (double[] array : List.of(norms.phi(), norms.weightL1(), norms.weightL2())) {
        assertThat(array).hasSize(8);
        assertThat(Arrays.copyOf(array, 6)).doesNotContain(0);
        assertThat(Arrays.copyOfRange(array, 6, 8)).containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Carry.class)
  void theStateThatIsCarriedIsTheOneThatTheSettingNames(Carry carry) {
    CoreConfig config = CoreConfigs.with(config(new FullStyle(6)), Cell.TANH, 0.5, carry);
    Draws draws = Draws.of(0.5, 1, 42, 1, 0);
    INDArray plain;
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      float[] ones = new Draws.None().mask(SHAPE, 1);
      core.train(
          window(SHAPE, 1), new Draws.Given(List.of(draws.mask(SHAPE, 0), ones), null), RATE);
      plain = core.readState().get(CoreState.hidden(1));
    }
    try (RnnCore core = open(config, parameters(5))) {
      core.train(window(SHAPE, 1), draws, RATE);

      float[] mask = draws.mask(SHAPE, 1);
      for (int i = 0; i < 21; i++) {
        double kept = carry == Carry.POST_DROPOUT ? mask[5 * 21 + i] : 1;
        assertThat(core.readState().get(CoreState.hidden(1)).getDouble(i / 7, i % 7))
            .isCloseTo(plain.getDouble(i / 7, i % 7) * kept, within(tolerance() * 10));
      }
    }
  }

  @Test
  void evaluationCarriesAStateOfItsOwnAndLearnsNothing() {
    RnnShape twice = new RnnShape(11, 5, 7, 3, 12);
    Window both = window(twice, 9);
    double whole;
    try (RnnCore core = open(config(new FullStyle(12)), parameters(5))) {
      whole = core.evaluate(both).meanLoss();
    }
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      double halves =
          (core.evaluate(both.part(0, 6)).lossSum() + core.evaluate(both.part(6, 6)).lossSum())
              / twice.tokens();

      assertThat(halves).isCloseTo(whole, within(10 * tolerance()));
      assertThat(core.readState().get(CoreState.hidden(1)).norm1Number().doubleValue()).isZero();
      for (Parameter parameter : SHAPE.parameters()) {
        assertSameBits(core.read(parameter), parameters(5).get(parameter));
      }
    }
  }

  @Test
  void logitsOfAThousandGiveFiniteLosses() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      INDArray bias = core.read(Parameter.SOFTMAX_BIAS);
      bias.putScalar(0, 0, 1000);
      bias.putScalar(0, 1, -1000);
      core.write(Parameter.SOFTMAX_BIAS, bias);
      int[] inputs = window(SHAPE, 1).inputs();
      int[] targets = new int[SHAPE.tokens()];
      targets[0] = 1;

      double loss = core.evaluate(new Window(6, 3, inputs, targets)).meanLoss();

      // One of 18 targets has probability exp(-2000), up to logits of a few units; the rest have 1.
      assertThat(loss).isCloseTo(2000.0 / 18, within(0.5));
    }
  }

  @Test
  void smallestSizesWork() {
    RnnShape shape = new RnnShape(2, 1, 1, 1, 1);
    CoreConfig config =
        CoreConfigs.with(
            CoreConfigs.of(shape, new TensorFlowStyle(1)), UpdateRule.of(Optimizer.ADAM));
    try (RnnCore core =
        open(config, CoreConfigs.parameters(shape, Initialiser.GLOROT, 3, type()))) {
      Window window = new Window(1, 1, new int[] {1}, new int[] {0});
      double first = core.train(window, new Draws.None(), RATE).loss();
      double last = first;
      for (int i = 0; i < 50; i++) {
        last = core.train(window, new Draws.None(), RATE).loss();
      }
      assertThat(last).isLessThan(first / 2);
    }
  }

  @Test
  void aWindowOfAnotherSizeIsRefused() {
    try (RnnCore core = open(config(new FullStyle(6)), parameters(5))) {
      Window other = window(new RnnShape(11, 5, 7, 4, 5), 1);
      assertThatThrownBy(() -> core.train(other, new Draws.None(), RATE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a window of T = 5, B = 4 was given to a core of T = 6, B = 3");
    }
  }

  private Gradients gradients(CoreConfig config, Normalisation normalisation) {
    CoreConfig normalised = CoreConfigs.with(config, normalisation);
    try (RnnCore core = open(normalised, parameters(5))) {
      return core.gradients(window(SHAPE, 1), new Draws.None());
    }
  }

  public static CoreConfig config(Truncation truncation) {
    return CoreConfigs.of(SHAPE.ofSteps(truncation.seqLen()), truncation);
  }

  public Map<Parameter, INDArray> parameters(long seed) {
    Map<Parameter, INDArray> parameters =
        CoreConfigs.parameters(SHAPE, Initialiser.GLOROT, seed, type());
    parameters.get(Parameter.RECURRENT_BIAS).assign(0.1);
    return parameters;
  }

  public static Window window(RnnShape shape, long seed) {
    Random random = new Random(seed);
    int[] inputs = random.ints(shape.tokens(), 0, shape.vocabulary()).toArray();
    int[] targets = random.ints(shape.tokens(), 0, shape.vocabulary()).toArray();
    return new Window(shape.steps(), shape.batch(), inputs, targets);
  }

  private static double[] doubles(INDArray matrix) {
    return matrix.dup('c').ravel().toDoubleVector();
  }

  static double relativeError(double actual, double expected) {
    return Math.abs(actual - expected) / (expected == 0 ? 1 : Math.abs(expected));
  }

  /** |actual - expected| / |expected|, in double precision; not divided where that is 0. */
  public static double relativeError(INDArray actual, INDArray expected) {
    INDArray reference = expected.castTo(DataType.DOUBLE);
    INDArray difference = actual.castTo(DataType.DOUBLE).sub(reference);
    double size = reference.norm2Number().doubleValue();
    return difference.norm2Number().doubleValue() / (size == 0 ? 1 : size);
  }
}
