package org.tbptt.model.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.TensorFlowStyle;

class Dl4jNetworkTest {

  private static final int VOCABULARY = 37;
  private static final int STEPS = 1000;

  @TempDir private Path folder;

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"TANH, 1", "RELU, 1", "IDENTITY, 1", "TANH, 3", "LSTM, 1", "LSTM, 3"})
  void aLoadedZipGivesTheEnginesProbabilitiesOverAThousandSteps(Cell cell, int layers)
      throws IOException {
    RnnModel model =
        new RnnModel(cell, layers, 19, 11, 0.8, Initialiser.GLOROT, 0.1, 1, Carry.STATE);
    File zip = folder.resolve("model.zip").toFile();
    try (RnnCore core = core(model)) {
      Random random = new Random(1);
      for (Parameter parameter : core.shape().parameters()) {
        // Biases that are not zero, and a state that does not grow without a tanh.
        core.write(parameter, core.read(parameter).muli(0.8).addi(random.nextGaussian() * 0.02));
      }
      Dl4jNetwork.of(model, weights(core), new Adam(0.001)).save(zip);
      MultiLayerNetwork loaded = MultiLayerNetwork.load(zip, false);

      double most = 0;
      int token = 0;
      for (int step = 0; step < STEPS; step++) {
        int next = random.nextInt(VOCABULARY);
        Window window = new Window(1, 1, new int[] {token}, new int[] {next});
        // dloss/dbs of one step is softmax - target.
        INDArray expected =
            core.gradients(window, new Draws.None()).of(Parameter.SOFTMAX_BIAS).dup();
        expected.putScalar(next, expected.getDouble(next) + 1);
        core.train(window, new Draws.None(), 0);

        INDArray probabilities =
            loaded.rnnTimeStep(Nd4j.createFromArray((float) token).reshape(1, 1, 1));

        assertThat(probabilities.shape()).containsExactly(1, VOCABULARY, 1);
        INDArray difference = probabilities.reshape(1, VOCABULARY).sub(expected);
        most = Math.max(most, difference.normmaxNumber().doubleValue());
        token = next;
      }
      assertThat(most).isLessThan(1e-5);
    }
  }

  private static RnnCore core(RnnModel model) {
    CoreConfig config =
        new CoreConfig(
            VOCABULARY,
            1,
            1,
            model,
            new TensorFlowStyle(1),
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32);
    return EngineChoice.AUTO.open(config, 3, 1);
  }

  private static Map<Parameter, INDArray> weights(RnnCore core) {
    Map<Parameter, INDArray> weights = new TreeMap<>();
    for (Parameter parameter : core.shape().parameters()) {
      weights.put(parameter, core.read(parameter).castTo(DataType.FLOAT));
    }
    return weights;
  }
}
