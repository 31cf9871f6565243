package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** A trial of the engine dl4j, and what it refuses. */
class Dl4jTrialTest {

  private static final Corpus TOY = new ToySource(List.of(1, 2), 10_000, 2_000, 100, 1).load();
  private static final Truncation CHUNKS = new TensorFlowStyle(8);
  private static final RnnModel MODEL =
      new RnnModel(Cell.TANH, 9, 8, 1, Initialiser.UNIFORM_UNIT_SCALING, Carry.STATE);

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"TANH", "LSTM"})
  void dl4jLearnsTheToyDataAsTheReferenceDoes(Cell cell) {
    TrialOutcome dl4j = train(EngineChoice.DL4J, cell);
    TrialOutcome reference = train(EngineChoice.ND4J, cell);

    assertThat(dl4j.status()).isEqualTo(TrialStatus.COMPLETED);
    assertThat(dl4j.engine()).isEqualTo("dl4j");
    // Entropies: 0.66 with neither dependency learned, 0.45 with both.
    assertThat(dl4j.best().orElseThrow().validLoss())
        .isLessThan(0.55)
        .isCloseTo(reference.best().orElseThrow().validLoss(), within(0.05));
    assertThat(dl4j.epochs().get(0).trainLoss())
        .isCloseTo(reference.epochs().get(0).trainLoss(), within(0.03));
  }

  @Test
  void theBestEpochsWeightsAreShownAsTheyAre() {
    List<Integer> improved = new ArrayList<>();
    List<Double> sizes = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochMetrics metrics) {}

          @Override
          public void improved(EpochMetrics metrics, RnnCore core) {
            improved.add(metrics.epoch());
            sizes.add(core.read(Parameter.SOFTMAX).norm2Number().doubleValue());
          }
        };
    TrialSpec spec = spec(EngineChoice.ND4J, CHUNKS, MODEL, Optimizer.ADAM, 0, 0, Diagnostics.OFF);

    TrialOutcome outcome = new Trainer(spec, TOY, listener).train();

    double lowest = Double.POSITIVE_INFINITY;
    List<Integer> expected = new ArrayList<>();
    for (EpochMetrics epoch : outcome.epochs()) {
      if (epoch.validLoss() < lowest) {
        lowest = epoch.validLoss();
        expected.add(epoch.epoch());
      }
    }
    assertThat(improved).isEqualTo(expected).startsWith(1);
    assertThat(sizes).doesNotHaveDuplicates();
  }

  @Test
  void whatDl4jCannotTrainIsOneLine() {
    RnnModel dropped = new RnnModel(Cell.TANH, 9, 8, 0.8, Initialiser.GLOROT, Carry.POST_DROPOUT);
    refused("style = true: must be tf", new TrueStyle(3, 8), MODEL, Optimizer.ADAM, 0, 0);
    refused("optimizer = rmsprop: must be adam or sgd", CHUNKS, MODEL, Optimizer.RMSPROP, 0, 0);
    refused("clip-norm = 5: must be 0", CHUNKS, MODEL, Optimizer.ADAM, 5, 0);
    refused("update-every = 4: must be 0", CHUNKS, MODEL, Optimizer.ADAM, 0, 4);
    refused("carry = post-dropout: must be state", CHUNKS, dropped, Optimizer.ADAM, 0, 0);
    RnnModel gru = new RnnModel(Cell.GRU, 9, 8, 1, Initialiser.GLOROT, Carry.STATE);
    refused("cell = gru: must be tanh, relu, identity or lstm", CHUNKS, gru, Optimizer.ADAM, 0, 0);
    assertThatThrownBy(
            () ->
                spec(
                    EngineChoice.DL4J,
                    CHUNKS,
                    MODEL,
                    Optimizer.ADAM,
                    0,
                    0,
                    new Diagnostics(2, 10, 0)))
        .hasMessage("diagnostics.windows = 2: must be 0 for training.engine = dl4j");
    assertThatThrownBy(() -> training(EngineChoice.DL4J, Optimizer.ADAM, 0, 0, Precision.BF16))
        .hasMessage("precision = bf16: engine = dl4j has only fp32; native has all");
  }

  private static void refused(
      String message,
      Truncation truncation,
      RnnModel model,
      Optimizer optimizer,
      double clip,
      int u) {
    assertThatThrownBy(
            () -> spec(EngineChoice.DL4J, truncation, model, optimizer, clip, u, Diagnostics.OFF))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message + " for training.engine = dl4j");
  }

  private static TrialOutcome train(EngineChoice engine, Cell cell) {
    RnnModel model = new RnnModel(cell, 9, 8, 1, Initialiser.UNIFORM_UNIT_SCALING, Carry.STATE);
    TrialSpec spec = spec(engine, CHUNKS, model, Optimizer.ADAM, 0, 0, Diagnostics.OFF);
    return new Trainer(spec, TOY, metrics -> {}).train();
  }

  private static TrialSpec spec(
      EngineChoice engine,
      Truncation truncation,
      RnnModel model,
      Optimizer optimizer,
      double clip,
      int u,
      Diagnostics diagnostics) {
    return new TrialSpec(
        truncation, model, training(engine, optimizer, clip, u, Precision.FP32), diagnostics, 4);
  }

  private static Training training(
      EngineChoice engine, Optimizer optimizer, double clip, int u, Precision precision) {
    return new Training(
        4,
        20,
        u,
        optimizer,
        0.9,
        0.9,
        0.02,
        Schedule.CONSTANT,
        Normalisation.MEAN,
        clip,
        engine,
        precision);
  }
}
