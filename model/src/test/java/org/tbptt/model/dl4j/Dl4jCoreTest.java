package org.tbptt.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.reference.Nd4jEngine;
import org.tbptt.model.truncation.TensorFlowStyle;

class Dl4jCoreTest {

  private static final int VOCABULARY = 13;
  private static final int BATCH = 3;
  private static final int STEPS = 6;
  private static final long SEED = 5;
  private static final Draws NONE = new Draws.None();

  @Test
  void theFirstSegmentsGradientsAreTheReferences() {
    CoreConfig config = config(Optimizer.ADAM, 1);
    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1);
        RnnCore reference = new Nd4jEngine().open(config, SEED, 1)) {
      Gradients gradients = core.gradients(window(1), NONE);
      Gradients expected = reference.gradients(window(1), NONE);

      assertThat(gradients.loss()).isCloseTo(expected.loss(), within(1e-6));
      for (Parameter parameter : core.shape().parameters()) {
        assertThat(cosine(gradients.of(parameter), expected.of(parameter)))
            .as(parameter.symbol())
            .isGreaterThan(0.99999);
        assertThat(gradients.of(parameter).norm2Number().doubleValue())
            .isCloseTo(expected.of(parameter).norm2Number().doubleValue(), within(1e-5));
      }
    }
  }

  @Test
  void laterSegmentsGradientsAreNotTheSlopesOfTheirLoss() {
    CoreConfig config = config(Optimizer.SGD, 1);
    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1);
        RnnCore reference = new Nd4jEngine().open(config, SEED, 1)) {
      for (Parameter parameter : core.shape().parameters()) {
        INDArray large = core.read(parameter).muli(2).addi(0.05);
        core.write(parameter, large);
        reference.write(parameter, large);
      }
      core.train(window(1), NONE, 0);
      reference.train(window(1), NONE, 0);
      assertThat(
              core.readState()
                  .get(CoreState.hidden(1))
                  .distance2(reference.readState().get(CoreState.hidden(1))))
          .isLessThan(1e-5);

      Gradients gradients = core.gradients(window(2), NONE);
      Gradients right = reference.gradients(window(2), NONE);
      INDArray slopes = slopes(reference, Parameter.RECURRENT, window(2));

      assertThat(gradients.loss()).isCloseTo(right.loss(), within(1e-5));
      double expected = cosine(right.of(Parameter.RECURRENT), slopes);
      double measured = cosine(gradients.of(Parameter.RECURRENT), slopes);
      assertThat(expected).isGreaterThan(0.999);
      assertThat(measured).isBetween(0.6, 0.75);
    }
  }

  @Test
  void windowByWindowIsOneFitOfWholeColumns() {
    CoreConfig config = config(Optimizer.ADAM, 1);
    Map<Parameter, INDArray> initial =
        CoreConfigs.parameters(config.shape(), Initialiser.GLOROT, SEED, DataType.FLOAT);
    MultiLayerNetwork whole = Dl4jNetwork.of(config.model(), initial, new Adam(0.01));
    whole.getLayerWiseConfigurations().setBackpropType(BackpropType.TruncatedBPTT);
    whole.getLayerWiseConfigurations().setTbpttFwdLength(STEPS);
    whole.getLayerWiseConfigurations().setTbpttBackLength(STEPS);
    int windows = 4;
    int length = windows * STEPS;
    INDArray features = Nd4j.create(DataType.FLOAT, BATCH, 1, length);
    INDArray labels = features.dup();
    for (int step = 0; step < length; step++) {
      Window window = window(step / STEPS);
      for (int b = 0; b < BATCH; b++) {
        int at = step % STEPS * BATCH + b;
        features.putScalar(new int[] {b, 0, step}, window.inputs()[at]);
        labels.putScalar(new int[] {b, 0, step}, window.targets()[at]);
      }
    }

    whole.fit(features, labels);

    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1)) {
      for (int i = 0; i < windows; i++) {
        core.train(window(i), NONE, 0.01);
      }
      for (Parameter parameter : core.shape().parameters()) {
        assertSameBits(
            core.read(parameter), Dl4jNetwork.read(whole.paramTable(), config.model(), parameter));
      }
    }
  }

  @Test
  void evaluationCarriesItsOwnStateAndIsTheReferences() {
    CoreConfig config = config(Optimizer.ADAM, 0.5);
    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1);
        RnnCore reference = new Nd4jEngine().open(config, SEED, 1)) {
      for (int i = 0; i < 3; i++) {
        assertThat(core.evaluate(window(i)).meanLoss())
            .isCloseTo(reference.evaluate(window(i)).meanLoss(), within(1e-6));
      }
      assertThat(core.readState().get(CoreState.hidden(1)).norm2Number().doubleValue()).isZero();
    }
  }

  @Test
  void whatASnapshotHoldsGoesOnWithTheSameBits() {
    CoreConfig config = config(Optimizer.ADAM, 0.5);
    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1);
        RnnCore other = new Dl4jEngine().open(config, SEED + 1, 1)) {
      train(core, 0, 3);
      try (CoreState state = core.snapshot()) {
        other.restore(state);
      }
      assertThat(train(other, 3, 6)).isEqualTo(train(core, 3, 6));
      for (Parameter parameter : core.shape().parameters()) {
        assertSameBits(other.read(parameter), core.read(parameter));
      }
    }
  }

  @Test
  void aSnapshotOfAnotherSizeIsRefused() {
    CoreConfig config = config(Optimizer.ADAM, 1);
    try (RnnCore core = new Dl4jEngine().open(config, SEED, 1);
        RnnCore other = new Dl4jEngine().open(config(Optimizer.SGD, 1), SEED, 1);
        CoreState state = other.snapshot()) {
      assertThatThrownBy(() -> core.restore(state))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a state of {embedding=[13, 5], evaluation_state=[3, 7],");
    }
  }

  @Test
  void withSgdTheStepIsTheMeanGradientTimesTheRate() {
    try (RnnCore core = new Dl4jEngine().open(config(Optimizer.SGD, 1), SEED, 1)) {
      INDArray before = core.read(Parameter.SOFTMAX);
      Gradients gradients = core.gradients(window(1), NONE);

      StepResult step = core.train(window(1), NONE, 0.5);

      INDArray expected = before.sub(gradients.of(Parameter.SOFTMAX).mul(0.5));
      assertThat(core.read(Parameter.SOFTMAX).distance2(expected)).isLessThan(1e-6);
      assertThat(step.loss()).isCloseTo(gradients.loss(), within(1e-6));
      double squares =
          core.shape().parameters().stream()
              .mapToDouble(p -> gradients.of(p).norm2Number().doubleValue())
              .map(norm -> norm * norm)
              .sum();
      assertThat(step.gradientNorm()).isCloseTo(Math.sqrt(squares), within(1e-6));
    }
  }

  /** Central differences of a window's loss, state carried in. */
  private static INDArray slopes(RnnCore core, Parameter parameter, Window window) {
    INDArray weights = core.read(parameter);
    INDArray slopes = Nd4j.zeros(DataType.DOUBLE, weights.shape());
    double step = 1e-2; // losses are in single precision
    for (long i = 0; i < weights.length(); i++) {
      double weight = weights.getDouble(i);
      core.write(parameter, weights.putScalar(i, weight + step));
      double above = core.gradients(window, NONE).loss();
      core.write(parameter, weights.putScalar(i, weight - step));
      double below = core.gradients(window, NONE).loss();
      core.write(parameter, weights.putScalar(i, weight));
      slopes.putScalar(i, (above - below) / (2 * step));
    }
    return slopes;
  }

  private static double cosine(INDArray one, INDArray other) {
    return Transforms.cosineSim(
        one.castTo(DataType.DOUBLE).ravel(), other.castTo(DataType.DOUBLE).ravel());
  }

  private static double[] train(RnnCore core, int from, int to) {
    double[] losses = new double[to - from];
    for (int i = from; i < to; i++) {
      losses[i - from] = core.train(window(i), Draws.of(0.5, 1, SEED, 1, i), 0.01).loss();
    }
    return losses;
  }

  private static CoreConfig config(Optimizer optimizer, double keep) {
    RnnModel model = new RnnModel(Cell.TANH, 7, 5, keep, Initialiser.GLOROT, Carry.STATE);
    return new CoreConfig(
        VOCABULARY,
        BATCH,
        STEPS,
        model,
        new TensorFlowStyle(STEPS),
        UpdateRule.of(optimizer),
        Normalisation.MEAN,
        Precision.FP32);
  }

  private static Window window(long seed) {
    Random random = new Random(seed);
    int[] inputs = random.ints(STEPS * BATCH, 0, VOCABULARY).toArray();
    int[] targets = random.ints(STEPS * BATCH, 0, VOCABULARY).toArray();
    return new Window(STEPS, BATCH, inputs, targets);
  }
}
