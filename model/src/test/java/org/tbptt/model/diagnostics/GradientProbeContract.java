package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.engines.EngineLoading;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** What is measured with each engine; each has a test class that extends this one. */
abstract class GradientProbeContract {

  private static final int VOCABULARY = 11;
  private static final int BATCH = 3;
  private static final int HORIZON = 24;
  private static final int SEQ_LEN = 6;
  private static final double ROUNDING = 2e-6;

  /** Opens the engine under test with copies of weights. */
  abstract RnnCore open(CoreConfig config, Map<Parameter, INDArray> weights);

  // One linear unit without inputs, whose state stays 0: each loss has the same error e, and at lag
  // k it is worth e w^k. Only the bias b has a gradient besides Ws and bs.
  private static final double RECURRENT = 0.7;

  @Test
  void coresAreOpenedWithCopiesOfTheWeights() {
    RnnModel model = new RnnModel(Cell.TANH, 7, 5, 1, Initialiser.ORTHOGONAL, Carry.STATE);
    CoreConfig config =
        new CoreConfig(
            VOCABULARY,
            BATCH,
            SEQ_LEN,
            model,
            new TrueStyle(3, SEQ_LEN),
            UpdateRule.of(Optimizer.SGD),
            Normalisation.MEAN,
            Precision.FP32);
    Map<Parameter, INDArray> weights = new TreeMap<>();
    Map<Parameter, INDArray> before = new TreeMap<>();
    for (Parameter parameter : config.shape().parameters()) {
      int rows = parameter.rows(config.shape());
      int columns = parameter.columns(config.shape());
      weights.put(parameter, Nd4j.rand(DataType.FLOAT, rows, columns));
      before.put(parameter, weights.get(parameter).dup());
    }

    try (RnnCore core = open(config, weights)) {
      for (Parameter parameter : core.shape().parameters()) {
        assertThat(core.read(parameter)).isEqualTo(before.get(parameter));
        core.write(parameter, before.get(parameter).mul(2));
      }
    }
    assertThat(weights).isEqualTo(before);
  }

  @Test
  void errorsOfALinearUnitFallByItsWeight() {
    Diagnosis diagnosis = measureUnit(new TrueStyle(3, SEQ_LEN));

    assertThat(diagnosis.epoch()).isEqualTo(7);
    assertThat(diagnosis.lags()).extracting(Lag::lag).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    for (Lag lag : diagnosis.lags()) {
      // softmax of equal logits: |e| = 0.5 |Ws_1 - Ws_0| = 0.5 * 0.8
      double expected = 0.4 * Math.pow(RECURRENT, lag.lag());
      assertThat(lag.phi() / expected).as("lag %d", lag.lag()).isCloseTo(1, within(ROUNDING));
      assertThat(lag.wL1()).isZero();
    }
    assertThat(diagnosis.decay().decayRate().getAsDouble()).isCloseTo(RECURRENT, within(1e-5));
  }

  @Test
  void theBiasOfALinearUnitIsWhatItsGeometricSumsLack() {
    double full = mean(t -> sumOfPowers(t + 1));
    double truncated = mean(t -> sumOfPowers(Math.min(3, t % SEQ_LEN + 1)));

    Bias bias = biasOf("b", measureUnit(new TrueStyle(3, SEQ_LEN)));
    assertThat(bias.relative()).isCloseTo(1 - truncated / full, within(ROUNDING));
    assertThat(bias.cosine()).isCloseTo(1, within(ROUNDING));
  }

  @Test
  void historyReachesOverTheEdgesOfTheStylesOwnWindows() {
    double full = mean(t -> sumOfPowers(t + 1));
    double truncated = mean(t -> sumOfPowers(Math.min(3, t + 1)));

    Bias bias = biasOf("b", measureUnit(new TrueStyle(3, SEQ_LEN, true)));
    assertThat(bias.relative()).isCloseTo(1 - truncated / full, within(ROUNDING));
  }

  @Test
  void aGradientThatIsZeroHasNoRelativeBias() {
    Diagnosis diagnosis = measureUnit(new TrueStyle(3, SEQ_LEN));

    assertThat(biasOf("W", diagnosis).relative()).isNaN();
    assertThat(biasOf("W", diagnosis).cosine()).isNaN();
  }

  @Test
  void fullBackpropagationOverTheHorizonIsNotBiased() {
    Diagnosis diagnosis = measure(new FullStyle(HORIZON), 0.8, windows(2, HORIZON), HORIZON);

    assertThat(diagnosis.biases())
        .extracting(Bias::parameter)
        .containsExactly("Emb", "W", "b", "Ws", "bs", "all");
    assertThat(diagnosis.biases())
        .allSatisfy(
            bias -> {
              assertThat(bias.relative()).isZero();
              assertThat(bias.cosine()).isCloseTo(1, within(1e-12));
            });
  }

  @Test
  void onlyWhatLiesBeforeTheOutputIsBiased() {
    Diagnosis diagnosis = measure(new TrueStyle(1, SEQ_LEN), 0.8, windows(2, HORIZON), SEQ_LEN);

    // The output's gradient is the same only where states and masks are: pieces read what all does.
    for (String output : List.of("Ws", "bs")) {
      assertThat(biasOf(output, diagnosis).relative()).as(output).isLessThan(ROUNDING);
    }
    for (String recurrent : List.of("Emb", "W", "b", "all")) {
      assertThat(biasOf(recurrent, diagnosis).relative()).as(recurrent).isBetween(0.05, 1.0);
      assertThat(biasOf(recurrent, diagnosis).cosine()).as(recurrent).isBetween(0.0, 0.999);
    }
  }

  @Test
  void errorsThatGoNearlyEverywhereAreHardlyBiased() {
    Diagnosis diagnosis =
        measure(new TrueStyle(HORIZON - 4, HORIZON), 0.8, windows(2, HORIZON), HORIZON);

    for (Bias bias : diagnosis.biases()) {
      assertThat(bias.relative()).as(bias.parameter()).isLessThan(0.02);
      assertThat(bias.cosine()).as(bias.parameter()).isGreaterThan(0.999);
    }
    assertThat(biasOf("W", diagnosis).relative()).isPositive();
  }

  @Test
  void lagsAreThoseOfTheFullGradientWhateverTheStyle() {
    List<Window> windows = windows(2, HORIZON);

    assertThat(measure(new TensorFlowStyle(SEQ_LEN), 0.8, windows, SEQ_LEN).lags())
        .isEqualTo(measure(new TrueStyle(2, SEQ_LEN), 0.8, windows, SEQ_LEN).lags());
  }

  @Test
  void linksAreCutInTheStylesGradientAlone() {
    Diagnosis cut = measure(new RandomStyle(0.5, HORIZON), 1, windows(1, HORIZON), HORIZON);
    Diagnosis whole = measure(new RandomStyle(1, HORIZON), 1, windows(1, HORIZON), HORIZON);

    assertThat(cut.lags()).isEqualTo(whole.lags());
    assertThat(biasOf("W", whole).relative()).isZero();
    assertThat(biasOf("W", cut).relative()).isGreaterThan(1e-3);
    assertThat(biasOf("Ws", cut).relative()).isZero();
  }

  @Test
  void sentencesAreMeasuredOneByOneAsLongAsTheyAre() {
    List<Window> sentences = List.of(windows(1, 4).get(0), windows(1, 7).get(0));
    Diagnosis within = measure(new SentenceStyle(7), 1, sentences, 7);
    Diagnosis truncated = measure(new SentenceStyle(2), 1, sentences, 7);

    assertThat(within.lags()).hasSize(7);
    assertThat(within.lags()).allSatisfy(lag -> assertThat(lag.phi()).isPositive());
    assertThat(biasOf("all", within).relative()).isZero();
    assertThat(biasOf("W", truncated).relative()).isBetween(1e-3, 1.0);
    assertThat(biasOf("Ws", truncated).relative()).isZero();
  }

  @Test
  void theSameWeightsGiveTheSameDiagnosis() {
    List<Window> windows = windows(2, HORIZON);

    assertThat(measure(new TrueStyle(2, SEQ_LEN), 0.8, windows, SEQ_LEN))
        .isEqualTo(measure(new TrueStyle(2, SEQ_LEN), 0.8, windows, SEQ_LEN));
  }

  @Test
  void anInterruptStopsIt() {
    EngineLoading.load();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> measureUnit(new TrueStyle(3, SEQ_LEN)))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  private Diagnosis measureUnit(Truncation style) {
    RnnModel unit = new RnnModel(Cell.IDENTITY, 1, 1, 1, Initialiser.GLOROT, Carry.STATE);
    Map<Parameter, INDArray> weights = new TreeMap<>();
    weights.put(Parameter.EMBEDDING, Nd4j.zeros(DataType.FLOAT, 2, 1));
    weights.put(Parameter.RECURRENT, Nd4j.create(new double[][] {{0.5}, {RECURRENT}}));
    weights.put(Parameter.RECURRENT_BIAS, Nd4j.zeros(DataType.FLOAT, 1, 1));
    weights.put(Parameter.SOFTMAX, Nd4j.create(new double[][] {{-0.1, 0.7}}));
    weights.put(Parameter.SOFTMAX_BIAS, Nd4j.zeros(DataType.FLOAT, 1, 2));
    int[] ones = new int[HORIZON * BATCH];
    Arrays.fill(ones, 1);
    HeldWindows held =
        new HeldWindows(
            List.of(new Window(HORIZON, BATCH, new int[HORIZON * BATCH], ones)), HORIZON, SEQ_LEN);
    return new GradientProbe(new Diagnostics(1, 8, HORIZON), held, 2, unit, 5, this::open)
        .measure(7, weights, style);
  }

  private Diagnosis measure(Truncation style, double keepProb, List<Window> windows, int seqLen) {
    RnnModel model =
        new RnnModel(Cell.TANH, 7, 5, keepProb, Initialiser.GLOROT, Carry.POST_DROPOUT);
    int longest = windows.stream().mapToInt(Window::steps).max().orElseThrow();
    RnnShape shape = new RnnShape(VOCABULARY, 5, 7, BATCH, longest);
    Map<Parameter, INDArray> weights =
        CoreConfigs.parameters(shape, Initialiser.GLOROT, 3, DataType.FLOAT);
    return new GradientProbe(
            new Diagnostics(windows.size(), 8, 0),
            new HeldWindows(windows, longest, seqLen),
            VOCABULARY,
            model,
            5,
            this::open)
        .measure(1, weights, style);
  }

  private static List<Window> windows(int count, int steps) {
    Random random = new Random(steps);
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Window(
                    steps,
                    BATCH,
                    random.ints((long) steps * BATCH, 0, VOCABULARY).toArray(),
                    random.ints((long) steps * BATCH, 0, VOCABULARY).toArray()))
        .toList();
  }

  private static Bias biasOf(String parameter, Diagnosis diagnosis) {
    return diagnosis.biases().stream()
        .filter(bias -> bias.parameter().equals(parameter))
        .findFirst()
        .orElseThrow();
  }

  /** 1 + w + ... : what an error is worth that goes over so many lags. */
  private static double sumOfPowers(int lags) {
    return (1 - Math.pow(RECURRENT, lags)) / (1 - RECURRENT);
  }

  private static double mean(java.util.function.IntToDoubleFunction ofStep) {
    return IntStream.range(0, HORIZON).mapToDouble(ofStep).average().orElseThrow();
  }
}
