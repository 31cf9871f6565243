package org.tbptt.model.core;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.Truncation;

/**
 * The reference engine: plain ND4J operations, meant to be read beside the formulas. Arrays over a
 * window have a row per (t,b), row t*B+b, so that one step is B neighbouring rows.
 */
final class Nd4jCore implements RnnCore {

  private static final String WORKSPACE = "tbptt-window";

  private final CoreConfig config;
  private final RnnShape shape;
  private final DataType type;
  private final Map<Parameter, INDArray> parameters;
  private final Updater updater;
  private final INDArray state;
  private final INDArray evaluationState;
  private final MemoryWorkspace workspace;

  /**
   * @param type FLOAT; DOUBLE where gradients are checked to many digits
   */
  Nd4jCore(CoreConfig config, Map<Parameter, INDArray> parameters, DataType type) {
    if (config.precision() != Precision.FP32) {
      throw new UnsupportedOperationException(
          "precision = "
              + config.precision().name().toLowerCase(Locale.ROOT)
              + ": plain ND4J operations have only fp32, the native core has all");
    }
    this.config = config;
    this.shape = config.shape();
    this.type = type;
    this.parameters = new EnumMap<>(parameters);
    this.updater = new Updater(config.update(), this.parameters);
    this.state = Nd4j.create(type, new long[] {shape.batch(), shape.hidden()}, 'c');
    this.evaluationState = state.dup();
    // The arrays of one window live in memory that the next window uses again.
    this.workspace =
        Nd4j.getWorkspaceManager()
            .createNewWorkspace(
                WorkspaceConfiguration.builder()
                    .policyLearning(LearningPolicy.FIRST_LOOP)
                    .policySpill(SpillPolicy.REALLOCATE)
                    .build(),
                WORKSPACE + "-" + System.identityHashCode(this));
  }

  @Override
  public RnnShape shape() {
    return shape;
  }

  @Override
  public String engine() {
    return "nd4j";
  }

  @Override
  public String instructionSet() {
    return "nd4j";
  }

  @Override
  public INDArray read(Parameter parameter) {
    return parameters.get(parameter).dup('c');
  }

  @Override
  public void write(Parameter parameter, INDArray values) {
    parameters.get(parameter).assign(values);
  }

  @Override
  public INDArray readState() {
    return state.dup('c');
  }

  @Override
  public void writeState(INDArray values) {
    state.assign(values);
  }

  @Override
  public void resetState() {
    state.assign(0);
    evaluationState.assign(0);
  }

  @Override
  public StepResult train(Window window, Draws draws, double learningRate) {
    config.check(window);
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = forward(window, Masks.of(draws, shape, type), state);
      Map<Parameter, INDArray> gradients = backward(window, forward);
      double norm = norm(gradients);
      boolean clipped = config.update().clipNorm() > 0 && norm > config.update().clipNorm();
      if (clipped) {
        double factor = config.update().clipNorm() / norm;
        gradients.values().forEach(gradient -> gradient.muli(factor));
      }
      updater.apply(gradients, learningRate);
      state.assign(
          switch (config.model().carry()) {
            case STATE -> step(forward.h, shape.steps() - 1);
            case POST_DROPOUT -> step(forward.y, shape.steps() - 1);
          });
      return new StepResult(forward.loss, shape.tokens(), norm, clipped);
    }
  }

  @Override
  public Evaluation evaluate(Window window) {
    config.check(window);
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = forward(window, Masks.NONE, evaluationState);
      evaluationState.assign(step(forward.h, shape.steps() - 1));
      return new Evaluation(forward.loss * shape.tokens(), shape.tokens());
    }
  }

  @Override
  public Gradients gradients(Window window, Draws draws) {
    config.check(window);
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = forward(window, Masks.of(draws, shape, type), state);
      Map<Parameter, INDArray> gradients = backward(window, forward);
      gradients.replaceAll((parameter, gradient) -> gradient.detach());
      return new Gradients(forward.loss, gradients);
    }
  }

  @Override
  public void setBpttSteps(int bpttSteps) {
    throw new UnsupportedOperationException("setBpttSteps is not there yet");
  }

  @Override
  public LagNorms lags(Window window, Draws draws, int lags) {
    throw new UnsupportedOperationException("lags are not there yet");
  }

  @Override
  public CoreState snapshot() {
    throw new UnsupportedOperationException("snapshots are not there yet");
  }

  @Override
  public void restore(CoreState state) {
    throw new UnsupportedOperationException("snapshots are not there yet");
  }

  @Override
  public void close() {
    workspace.destroyWorkspace();
    updater.close();
    parameters.values().forEach(INDArray::close);
    state.close();
    evaluationState.close();
  }

  /**
   * What a backward pass needs from the forward pass.
   *
   * @param x masked inputs (T*B,E)
   * @param h states (T*B,H)
   * @param y masked outputs (T*B,H)
   * @param softmax probabilities (T*B,V)
   * @param masks the masks used
   * @param loss mean loss, nats per token
   */
  private record Forward(
      INDArray x, INDArray h, INDArray y, INDArray softmax, Masks masks, double loss) {}

  private Forward forward(Window window, Masks masks, INDArray initial) {
    INDArray x =
        masks.onInput(Nd4j.pullRows(parameters.get(Parameter.EMBEDDING), 1, window.inputs(), 'c'));
    INDArray h = times(x, inputRows()).addiRowVector(parameters.get(Parameter.RECURRENT_BIAS));
    INDArray previous = initial;
    for (int t = 0; t < shape.steps(); t++) {
      INDArray h_t = step(h, t);
      h_t.addi(times(previous, stateRows()));
      activate(h_t);
      previous = h_t;
    }
    INDArray y = masks.onOutput(h);
    INDArray logits =
        times(y, parameters.get(Parameter.SOFTMAX))
            .addiRowVector(parameters.get(Parameter.SOFTMAX_BIAS));
    double loss = softmaxCrossEntropy(logits, window.targets());
    return new Forward(x, h, y, logits, masks, loss);
  }

  /** Turns logits (T*B,V) into probabilities in place; returns the mean of -log p(target). */
  private static double softmaxCrossEntropy(INDArray logits, int[] targets) {
    logits.subiColumnVector(logits.max(true, 1)); // so that exp cannot overflow
    double shiftedTargets = 0;
    for (int row = 0; row < targets.length; row++) {
      shiftedTargets += logits.data().getDouble((long) row * logits.columns() + targets[row]);
    }
    Transforms.exp(logits, false);
    INDArray sums = logits.sum(true, 1);
    logits.diviColumnVector(sums);
    double logSums = 0;
    for (double sum : sums.reshape(targets.length).toDoubleVector()) {
      logSums += Math.log(sum);
    }
    return (logSums - shiftedTargets) / targets.length;
  }

  private Map<Parameter, INDArray> backward(Window window, Forward forward) {
    // Output layer: every loss, all at once. dloss/dlogits = (softmax - target) / (T*B).
    INDArray dLogits = forward.softmax;
    int[] targets = window.targets();
    for (int row = 0; row < targets.length; row++) {
      long element = (long) row * dLogits.columns() + targets[row];
      dLogits.data().put(element, dLogits.data().getDouble(element) - 1);
    }
    dLogits.divi(targets.length);
    INDArray dSoftmax = times(transposed(forward.y), dLogits);
    INDArray dSoftmaxBias = dLogits.sum(true, 0);
    INDArray e =
        forward.masks.onOutput(times(dLogits, transposed(parameters.get(Parameter.SOFTMAX))));

    // Recurrent layer: g is dloss/d(pre-activation), summed over the lags that errors travel.
    INDArray derivative = derivative(forward.h);
    Truncation truncation = config.truncation();
    INDArray g = truncation.reachesWindowStart() ? sweep(e, derivative) : byLag(e, derivative);
    g.muli(config.recurrentScale(truncation.bpttSteps()));
    INDArray previousH = Nd4j.createUninitialized(type, forward.h.shape(), 'c');
    step(previousH, 0).assign(state);
    if (shape.steps() > 1) {
      steps(previousH, 1, shape.steps()).assign(steps(forward.h, 0, shape.steps() - 1));
    }
    INDArray dRecurrent =
        Nd4j.vstack(times(transposed(forward.x), g), times(transposed(previousH), g));
    INDArray dRecurrentBias = g.sum(true, 0);

    // Embedding: each step's row adds to the row of its word.
    INDArray dx = forward.masks.onInput(times(g, transposed(inputRows())));
    INDArray dEmbedding =
        Nd4j.create(type, new long[] {shape.vocabulary(), shape.embedding()}, 'c');
    Nd4j.exec(
        DynamicCustomOp.builder("scatter_add")
            .addInputs(dEmbedding, Nd4j.createFromArray(window.inputs()), dx)
            .addOutputs(dEmbedding)
            .build());

    Map<Parameter, INDArray> gradients = new EnumMap<>(Parameter.class);
    gradients.put(Parameter.EMBEDDING, dEmbedding);
    gradients.put(Parameter.RECURRENT, dRecurrent);
    gradients.put(Parameter.RECURRENT_BIAS, dRecurrentBias);
    gradients.put(Parameter.SOFTMAX, dSoftmax);
    gradients.put(Parameter.SOFTMAX_BIAS, dSoftmaxBias);
    return gradients;
  }

  /**
   * Full backpropagation over the window: g_s = (e_s + g_{s+1} W_h^T) D_s, from the last step on.
   */
  private INDArray sweep(INDArray e, INDArray derivative) {
    INDArray g = e.dup('c');
    for (int s = shape.steps() - 1; s >= 0; s--) {
      if (s < shape.steps() - 1) {
        step(g, s).addi(times(step(g, s + 1), transposed(stateRows())));
      }
      step(g, s).muli(step(derivative, s));
    }
    return g;
  }

  /**
   * Every error back over lags 0..n-1, by lag and not by loss: at lag k the block holds, at step s,
   * what the loss at step s+k sends there; one product takes all of it one step further back.
   */
  private INDArray byLag(INDArray e, INDArray derivative) {
    INDArray errors = e.mul(derivative);
    INDArray g = errors.dup('c');
    for (int lag = 1; lag < config.truncation().bpttSteps(); lag++) {
      int reached = shape.steps() - lag;
      errors =
          times(steps(errors, 1, reached + 1), transposed(stateRows()))
              .muli(steps(derivative, 0, reached));
      steps(g, 0, reached).addi(errors);
    }
    return g;
  }

  private void activate(INDArray a) {
    switch (config.model().cell()) {
      // In double, because the float operation is only good to 1e-7 of 1, however small its result.
      case TANH -> a.assign(Transforms.tanh(a.castTo(DataType.DOUBLE), false));
      case RELU -> Transforms.relu(a, false);
      case IDENTITY -> {}
    }
  }

  /** f' written in terms of h = f(a), (T*B,H). */
  private INDArray derivative(INDArray h) {
    return switch (config.model().cell()) {
      case TANH -> h.mul(h).rsubi(1);
      case RELU -> h.gt(0).castTo(type);
      case IDENTITY -> Nd4j.ones(type, h.shape());
    };
  }

  private static double norm(Map<Parameter, INDArray> gradients) {
    double squares = 0;
    for (INDArray gradient : gradients.values()) {
      double norm = gradient.norm2Number().doubleValue();
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  private INDArray inputRows() {
    return parameters.get(Parameter.RECURRENT).get(interval(0, shape.embedding()), all());
  }

  private INDArray stateRows() {
    return parameters
        .get(Parameter.RECURRENT)
        .get(interval(shape.embedding(), shape.embedding() + shape.hidden()), all());
  }

  private INDArray step(INDArray rows, int t) {
    return steps(rows, t, t + 1);
  }

  /** Steps from..to-1 of an array with a row per (t,b): a view. */
  private INDArray steps(INDArray rows, int from, int to) {
    return rows.get(interval((long) from * shape.batch(), (long) to * shape.batch()), all());
  }

  private static INDArray transposed(INDArray matrix) {
    return matrix.transpose();
  }

  /** A matrix product in row-major order, which is what the views over steps count on. */
  private INDArray times(INDArray left, INDArray right) {
    INDArray product =
        Nd4j.createUninitialized(type, new long[] {left.rows(), right.columns()}, 'c');
    return Nd4j.matmul(left, right, product);
  }
}
