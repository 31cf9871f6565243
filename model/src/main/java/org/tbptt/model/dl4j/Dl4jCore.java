package org.tbptt.model.dl4j;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.layers.recurrent.LSTM;
import org.deeplearning4j.nn.layers.recurrent.SimpleRnn;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.random.Philox;
import org.tbptt.model.random.Purpose;

/**
 * DL4J's own training, {@code fit} with TruncatedBPTT, one segment per window: for comparison,
 * never an oracle. If the state before a segment is not zero, its gradients are wrong, because the
 * backward pass runs the layer again from a zero state. DL4J sums losses over time, and gradients
 * over time and columns; this class returns means.
 */
final class Dl4jCore implements RnnCore {

  private static final String STEPS = "optimizer_steps";

  private final CoreConfig config;
  private final CarryingNetwork network;
  private Map<String, INDArray> evaluationState;
  private double learningRate = Double.NaN;
  private double gradientNorm;

  Dl4jCore(CoreConfig config, Map<Parameter, INDArray> parameters) {
    this.config = config;
    this.network =
        new CarryingNetwork(
            Dl4jNetwork.layers(
                    config.model(), config.vocabulary(), updater(config.update().optimizer()))
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(config.steps())
                .build());
    network.init();
    network.setListeners(new NormListener());
    parameters.forEach(this::write);
    resetState();
  }

  @Override
  public RnnShape shape() {
    return config.shape();
  }

  @Override
  public String engine() {
    return "dl4j";
  }

  @Override
  public String instructionSet() {
    return "dl4j";
  }

  @Override
  public INDArray read(Parameter parameter) {
    return Dl4jNetwork.read(network.paramTable(), config.model(), parameter);
  }

  @Override
  public void write(Parameter parameter, INDArray values) {
    Dl4jNetwork.write(network, config.model(), parameter, values);
  }

  @Override
  public Map<String, INDArray> readState() {
    return stateOf(RecurrentLayer::rnnGetTBPTTState);
  }

  @Override
  public void writeState(Map<String, INDArray> state) {
    setState(state, RecurrentLayer::rnnSetTBPTTState);
  }

  @Override
  public void resetState() {
    network.resetState();
    evaluationState = readState(); // zeros
  }

  @Override
  public void setBpttSteps(int bpttSteps) {
    throw new UnsupportedOperationException("engine = dl4j: errors always go back over a window");
  }

  @Override
  public StepResult train(Window window, Draws draws, double learningRate) {
    config.check(window);
    seed(draws);
    setLearningRate(learningRate);
    network.fit(new DataSet(ids(window.inputs(), window), ids(window.targets(), window)));
    long counted = (long) window.steps() * window.columns();
    return new StepResult(network.score() / window.steps(), counted, gradientNorm, false);
  }

  @Override
  public void advance(Window window, Draws draws) {
    throw new UnsupportedOperationException("engine = dl4j: reads training windows only to train");
  }

  @Override
  public Evaluation evaluate(Window window) {
    INDArray probabilities = read(window);
    double losses = 0;
    for (int t = 0; t < window.steps(); t++) {
      for (int b = 0; b < window.columns(); b++) {
        int target = window.targets()[t * window.columns() + b];
        // A probability that single precision rounds to 0 counts as the smallest there is.
        losses -= Math.log(Math.max(probabilities.getDouble(b, target, t), Float.MIN_VALUE));
      }
    }
    return new Evaluation(losses, (long) window.steps() * window.columns());
  }

  @Override
  public INDArray probabilities(Window window) {
    return read(window).get(all(), all(), point(window.steps() - 1L)).dup('c');
  }

  /** Probabilities (B,V,T), carrying the state of evaluation on. */
  private INDArray read(Window window) {
    config.check(window);
    setState(evaluationState, RecurrentLayer::rnnSetPreviousState);
    INDArray probabilities = network.rnnTimeStep(ids(window.inputs(), window));
    evaluationState = stateOf(RecurrentLayer::rnnGetPreviousState);
    return probabilities;
  }

  /** The gradients as DL4J computes them. */
  @Override
  public Gradients gradients(Window window, Draws draws) {
    config.check(window);
    Map<String, INDArray> state = readState();
    seed(draws);
    network.setInput(ids(window.inputs(), window));
    network.setLabels(ids(window.targets(), window));
    network.computeGradientAndScore();
    writeState(state);
    Map<Parameter, INDArray> gradients =
        Dl4jNetwork.read(network.gradient().gradientForVariable(), config.model());
    gradients.values().forEach(gradient -> gradient.divi(config.shape().tokens()));
    return new Gradients(network.score() / window.steps(), gradients);
  }

  @Override
  public LagNorms lags(Window window, Draws draws, int lags) {
    throw new UnsupportedOperationException("engine = dl4j: cannot measure gradients by lag");
  }

  @Override
  public CoreState snapshot() {
    Map<String, INDArray> matrices = new HashMap<>();
    for (Parameter parameter : shape().parameters()) {
      matrices.put(parameter.key(), read(parameter));
    }
    matrices.putAll(readState());
    evaluationState.forEach((name, of) -> matrices.put(CoreState.EVALUATION + name, of.dup('c')));
    INDArray moments = network.getUpdater().getStateViewArray(); // null where there are none
    if (moments != null) {
      matrices.put("updater", moments.reshape(1, moments.length()).dup('c'));
    }
    return new CoreState(matrices, Map.of(STEPS, (long) network.getIterationCount()));
  }

  @Override
  public void restore(CoreState state) {
    try (CoreState now = snapshot()) {
      require(state.counters().keySet(), now.counters().keySet());
      require(shapes(state), shapes(now));
    }
    Map<String, INDArray> matrices = state.matrices();
    for (Parameter parameter : shape().parameters()) {
      write(parameter, matrices.get(parameter.key()));
    }
    writeState(matrices);
    evaluationState.replaceAll((name, of) -> matrices.get(CoreState.EVALUATION + name).dup('c'));
    if (matrices.containsKey("updater")) {
      INDArray moments = network.getUpdater().getStateViewArray();
      moments.assign(matrices.get("updater").reshape(moments.shape()));
    }
    network.setIterationCount(Math.toIntExact(state.counters().get(STEPS)));
  }

  @Override
  public void close() {
    network.close();
    evaluationState.values().forEach(INDArray::close);
  }

  private static IUpdater updater(Optimizer optimizer) {
    return switch (optimizer) {
      case ADAM -> new Adam(); // 0.9, 0.999, 1e-8
      case SGD -> new Sgd();
      case MOMENTUM, RMSPROP ->
          throw new UnsupportedOperationException("engine = dl4j: has adam and sgd");
    };
  }

  /** The update divides by B only. Adam is not affected; for sgd the rate is divided by T. */
  private void setLearningRate(double rate) {
    if (rate != learningRate) {
      boolean sgd = config.update().optimizer() == Optimizer.SGD;
      network.setLearningRate(sgd ? rate / config.steps() : rate);
      learningRate = rate;
    }
  }

  /** A copy of what the layers hold, by our names; zeros where they hold nothing yet. */
  private Map<String, INDArray> stateOf(Function<RecurrentLayer, Map<String, INDArray>> held) {
    Map<String, INDArray> state = new HashMap<>();
    for (int layer = 1; layer <= config.model().layers(); layer++) {
      Map<String, INDArray> ofLayer = held.apply((RecurrentLayer) network.getLayer(layer));
      keys(layer)
          .forEach(
              (name, key) -> {
                INDArray found = ofLayer.get(key);
                state.put(name, found == null ? zeroState() : found.dup('c'));
              });
    }
    return state;
  }

  private void setState(
      Map<String, INDArray> state, BiConsumer<RecurrentLayer, Map<String, INDArray>> set) {
    for (int layer = 1; layer <= config.model().layers(); layer++) {
      Map<String, INDArray> ofLayer = new HashMap<>();
      keys(layer).forEach((name, key) -> ofLayer.put(key, state.get(name).dup('c')));
      set.accept((RecurrentLayer) network.getLayer(layer), ofLayer);
    }
  }

  /** DL4J's key for each of our names of a layer's state. */
  private Map<String, String> keys(int layer) {
    return config.model().cell().hasCellState()
        ? Map.of(
            CoreState.hidden(layer),
            LSTM.STATE_KEY_PREV_ACTIVATION,
            CoreState.cell(layer),
            LSTM.STATE_KEY_PREV_MEMCELL)
        : Map.of(CoreState.hidden(layer), SimpleRnn.STATE_KEY_PREV_ACTIVATION);
  }

  private INDArray zeroState() {
    return Nd4j.zeros(DataType.FLOAT, config.batchSize(), config.model().stateSize());
  }

  /** (B,1,T) of float, as fit expects ids; with rank 2 it would train nothing. */
  private static INDArray ids(int[] timeMajor, Window window) {
    return Nd4j.createFromArray(timeMajor)
        .castTo(DataType.FLOAT)
        .reshape(window.steps(), window.columns())
        .transpose()
        .dup('c')
        .reshape(window.columns(), 1, window.steps());
  }

  /** DL4J's dropout draws from its thread's generator. */
  private static void seed(Draws draws) {
    if (draws instanceof Draws.Drawn at) {
      int[] words = Philox.words(at.seed(), Purpose.INPUT_MASK, at.epoch(), at.window(), 2);
      Nd4j.getRandom().setSeed((long) words[0] << Integer.SIZE | Integer.toUnsignedLong(words[1]));
    }
  }

  private static Map<String, List<Long>> shapes(CoreState state) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    state
        .matrices()
        .forEach(
            (name, matrix) -> shapes.put(name, Arrays.stream(matrix.shape()).boxed().toList()));
    return shapes;
  }

  private static void require(Object given, Object own) {
    if (!given.equals(own)) {
      throw new IllegalArgumentException(
          "a state of %s was given to a core whose state is %s".formatted(given, own));
    }
  }

  /** Measures the gradients between the backward pass and the update, which overwrites them. */
  private final class NormListener extends BaseTrainingListener {
    @Override
    public void onGradientCalculation(Model model) {
      double norm = Math.sqrt(Parameters.squares(network.getGradientsViewArray()));
      gradientNorm = norm / config.shape().tokens();
    }
  }
}
