package org.tbptt.model.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
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

/**
 * The recipe of docs/models.md: our matrices taken apart into PyTorch's, and the arithmetic of
 * torch.nn.LSTM and torch.nn.GRU on them, written out in plain Java as PyTorch's documentation has
 * it.
 */
class TorchLayoutTest {

  private static final int EMBEDDING = 5;
  private static final int HIDDEN = 7;

  @ParameterizedTest
  @CsvSource({"LSTM, 1", "LSTM, 2", "GRU, 1", "GRU, 3"})
  void pyTorchsArithmeticOnItsLayoutGivesTheEnginesStates(Cell cell, int layers) {
    RnnModel model =
        new RnnModel(cell, layers, HIDDEN, EMBEDDING, 1, Initialiser.GLOROT, 1, 1, Carry.STATE);
    CoreConfig config =
        new CoreConfig(
            11,
            1,
            1,
            model,
            new TensorFlowStyle(1),
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32);
    Random random = new Random(3);
    try (RnnCore core = EngineChoice.AUTO.open(config, 3, 1)) {
      for (Parameter parameter : core.shape().parameters()) { // biases that are not zero
        INDArray values = core.read(parameter);
        for (long i = 0; i < values.length(); i++) {
          values.putScalar(i, values.getDouble(i) + 0.3 * random.nextGaussian());
        }
        core.write(parameter, values);
      }
      List<TorchLayer> torch = new ArrayList<>();
      for (int layer = 1; layer <= layers; layer++) {
        torch.add(new TorchLayer(core, cell, layer));
      }
      double[][] embedding = matrix(core.read(Parameter.EMBEDDING));
      for (int step = 0; step < 100; step++) {
        int token = random.nextInt(11);
        core.train(new Window(1, 1, new int[] {token}, new int[] {0}), new Draws.None(), 0);

        double[] input = embedding[token];
        for (TorchLayer layer : torch) {
          input = layer.step(input);
        }

        Map<String, INDArray> state = core.readState();
        for (int layer = 1; layer <= layers; layer++) {
          assertThat(state.get(CoreState.hidden(layer)).castTo(DataType.DOUBLE).toDoubleVector())
              .as("h of layer %d, step %d", layer, step)
              .containsExactly(torch.get(layer - 1).h, within(1e-5));
          if (cell == Cell.LSTM) {
            assertThat(state.get(CoreState.cell(layer)).castTo(DataType.DOUBLE).toDoubleVector())
                .as("c of layer %d, step %d", layer, step)
                .containsExactly(torch.get(layer - 1).c, within(1e-5));
          }
        }
      }
    }
  }

  /** weight_ih (G H, in), weight_hh (G H, H), bias_ih and bias_hh (G H) of one layer. */
  private static final class TorchLayer {
    private final Cell cell;
    private final double[][] weightIh;
    private final double[][] weightHh;
    private final double[] biasIh;
    private final double[] biasHh;
    private double[] h = new double[HIDDEN];
    private double[] c = new double[HIDDEN];

    TorchLayer(RnnCore core, Cell cell, int layer) {
      this.cell = cell;
      INDArray matrix = core.read(Parameter.recurrent(layer));
      int rows = matrix.rows() - HIDDEN;
      int gates = matrix.columns();
      weightIh = matrix(matrix.get(interval(0, rows), all()).transpose());
      weightHh = matrix(matrix.get(interval(rows, matrix.rows()), all()).transpose());
      double[] bias = matrix(core.read(Parameter.recurrentBias(layer)))[0];
      biasIh = Arrays.copyOf(bias, gates);
      biasHh = new double[gates];
      int second = bias.length - gates;
      System.arraycopy(bias, gates, biasHh, gates - second, second);
    }

    double[] step(double[] x) {
      double[] next = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        if (cell == Cell.LSTM) {
          double i = sigmoid(input(0, j, x) + state(0, j));
          double f = sigmoid(input(1, j, x) + state(1, j));
          double g = Math.tanh(input(2, j, x) + state(2, j));
          double o = sigmoid(input(3, j, x) + state(3, j));
          c[j] = f * c[j] + i * g;
          next[j] = o * Math.tanh(c[j]);
        } else {
          double r = sigmoid(input(0, j, x) + state(0, j));
          double z = sigmoid(input(1, j, x) + state(1, j));
          double n = Math.tanh(input(2, j, x) + r * state(2, j));
          next[j] = (1 - z) * n + z * h[j];
        }
      }
      h = next;
      return next;
    }

    private double input(int gate, int j, double[] x) {
      return biasIh[gate * HIDDEN + j] + dot(weightIh[gate * HIDDEN + j], x);
    }

    private double state(int gate, int j) {
      return biasHh[gate * HIDDEN + j] + dot(weightHh[gate * HIDDEN + j], h);
    }

    private static double dot(double[] one, double[] other) {
      double sum = 0;
      for (int i = 0; i < one.length; i++) {
        sum += one[i] * other[i];
      }
      return sum;
    }

    private static double sigmoid(double a) {
      return 1 / (1 + Math.exp(-a));
    }
  }

  private static double[][] matrix(INDArray values) {
    return values.castTo(DataType.DOUBLE).dup('c').toDoubleMatrix();
  }
}
