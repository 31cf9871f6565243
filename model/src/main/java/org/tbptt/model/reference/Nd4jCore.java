package org.tbptt.model.reference;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Masks;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.core.WindowTotals;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.Truncation;

/**
 * The reference engine: plain ND4J operations, meant to be read next to the formulas. This class
 * holds what is carried from window to window; {@link Forward}, {@link Backward} and {@link
 * BackwardPasses} compute.
 */
public final class Nd4jCore implements RnnCore {

  private static final String WORKSPACE = "tbptt-window";

  private final CoreConfig config;
  private final RnnShape shape;
  private final Truncation truncation;
  private final Network network;
  private final Updater updater;
  private final SortedMap<String, INDArray> state;
  private final SortedMap<String, INDArray> evaluationState;
  private final History history;
  private final MemoryWorkspace workspace;
  private int bpttSteps;

  /**
   * @param type FLOAT, or DOUBLE to check gradients to many digits
   */
  public Nd4jCore(CoreConfig config, Map<Parameter, INDArray> parameters, DataType type) {
    if (config.precision() != Precision.FP32) {
      throw new UnsupportedOperationException(
          "precision = "
              + config.precision().name().toLowerCase(Locale.ROOT)
              + ": plain ND4J operations have only fp32, the native core has all");
    }
    this.config = config;
    this.shape = config.shape();
    this.truncation = config.truncation();
    this.bpttSteps = truncation.bpttSteps();
    this.network = Network.of(shape, type, new TreeMap<>(parameters));
    this.updater = new Updater(config.update(), network.parameters());
    this.state = network.zeroState();
    this.evaluationState = network.zeroState();
    this.history = new History(network, Segment.historyCapacity(config));
    // A workspace: the next window reuses the memory of this one's arrays.
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
    return network.of(parameter).dup('c');
  }

  @Override
  public void write(Parameter parameter, INDArray values) {
    network.of(parameter).assign(values);
  }

  @Override
  public Map<String, INDArray> readState() {
    Map<String, INDArray> copy = new TreeMap<>();
    state.forEach((name, matrix) -> copy.put(name, matrix.dup('c')));
    return copy;
  }

  @Override
  public void writeState(Map<String, INDArray> values) {
    state.forEach((name, matrix) -> matrix.assign(values.get(name)));
  }

  @Override
  public void resetState() {
    state.values().forEach(matrix -> matrix.assign(0));
    evaluationState.values().forEach(matrix -> matrix.assign(0));
    history.clear();
  }

  @Override
  public void setBpttSteps(int steps) {
    config.checkBpttSteps(steps);
    bpttSteps = steps;
  }

  @Override
  public StepResult train(Window window, Draws draws, double learningRate) {
    config.check(window);
    WindowTotals totals = new WindowTotals();
    for (Segment segment :
        Segment.partsOf(truncation, bpttSteps, window.steps(), config.update().every())) {
      try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
        totals.add(
            update(
                window.part(segment.first(), segment.steps()),
                masks(draws, window, segment),
                segment,
                learningRate));
      }
    }
    if (!truncation.carriesState()) {
      resetState();
    }
    return totals.result();
  }

  private StepResult update(Window part, Masks masks, Segment segment, double learningRate) {
    Forward forward = Forward.over(network, part, masks, state);
    SortedMap<Parameter, INDArray> gradients = gradients(part, forward, segment);
    double norm = norm(gradients);
    double clipNorm = config.update().clipNorm();
    boolean clipped = clipNorm > 0 && norm > clipNorm;
    if (clipped) {
      gradients.values().forEach(gradient -> gradient.muli(clipNorm / norm));
    }
    updater.apply(gradients, learningRate);
    carry(part, forward, segment);
    return new StepResult(forward.meanLoss(), forward.counted(), norm, clipped);
  }

  @Override
  public void advance(Window window, Draws draws) {
    config.check(window);
    Segment segment = Segment.over(truncation, bpttSteps, window.steps());
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      carry(window, Forward.over(network, window, masks(draws, window, segment), state), segment);
    }
    if (!truncation.carriesState()) {
      resetState();
    }
  }

  /** State and history, as they are after a part of a window. */
  private void carry(Window part, Forward forward, Segment segment) {
    // Inside a window the state before dropout is carried from step to step.
    boolean masked = segment.isLast() && config.model().carry() == Carry.POST_DROPOUT;
    writeState(forward.state());
    if (masked) {
      state.get(CoreState.hidden(1)).assign(network.step(forward.y(), segment.steps() - 1));
    }
    history.append(part.inputs(), forward, masked);
  }

  @Override
  public Evaluation evaluate(Window window) {
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = read(window);
      return new Evaluation(forward.lossSum(), forward.counted());
    }
  }

  @Override
  public INDArray probabilities(Window window) {
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      return network.step(read(window).softmax(), window.steps() - 1).dup('c').detach();
    }
  }

  private Forward read(Window window) {
    config.check(window);
    Forward forward = Forward.over(network, window, Masks.NONE, evaluationState);
    if (truncation.carriesState()) {
      evaluationState.forEach((name, matrix) -> matrix.assign(forward.state().get(name)));
    }
    return forward;
  }

  @Override
  public Gradients gradients(Window window, Draws draws) {
    config.check(window);
    Segment segment = Segment.over(truncation, bpttSteps, window.steps());
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = Forward.over(network, window, masks(draws, window, segment), state);
      SortedMap<Parameter, INDArray> gradients = gradients(window, forward, segment);
      gradients.replaceAll((parameter, gradient) -> gradient.detach());
      return new Gradients(forward.meanLoss(), gradients);
    }
  }

  @Override
  public LagNorms lags(Window window, Draws draws, int lags) {
    config.check(window);
    Segment segment = Segment.byLag(truncation, draws, window.steps(), lags);
    try (MemoryWorkspace scope = workspace.notifyScopeEntered()) {
      Forward forward = Forward.over(network, window, masks(draws, window, segment), state);
      return new Backward(network, window, forward).lags(history, segment);
    }
  }

  @Override
  public CoreState snapshot() {
    Map<String, INDArray> matrices = new TreeMap<>();
    CoreState.shapes(shape, config.update().optimizer(), history.steps())
        .keySet()
        .forEach(name -> matrices.put(name, matrix(name).dup('c')));
    return new CoreState(
        matrices,
        Map.of(
            CoreState.OPTIMIZER_STEPS,
            updater.steps(),
            CoreState.HISTORY_STEPS,
            (long) history.steps(),
            CoreState.BPTT_STEPS,
            (long) bpttSteps));
  }

  @Override
  public void restore(CoreState from) {
    from.check(config);
    bpttSteps = Math.toIntExact(from.counters().get(CoreState.BPTT_STEPS));
    updater.setSteps(from.counters().get(CoreState.OPTIMIZER_STEPS));
    history.setSteps(Math.toIntExact(from.counters().get(CoreState.HISTORY_STEPS)));
    from.matrices().forEach((name, values) -> matrix(name).assign(values));
  }

  /** What {@link CoreState} calls so. */
  private INDArray matrix(String name) {
    if (name.equals(CoreState.HISTORY)) {
      return history.held();
    }
    if (name.startsWith(CoreState.EVALUATION)) {
      return evaluationState.get(name.substring(CoreState.EVALUATION.length()));
    }
    INDArray ofState = state.get(name);
    return ofState == null ? updater.matrix(name) : ofState;
  }

  @Override
  public void close() {
    // Not by its own method, which leaves the manager a reference.
    Nd4j.getWorkspaceManager().destroyWorkspace(workspace);
    updater.close();
    network.parameters().values().forEach(INDArray::close);
    history.close();
    state.values().forEach(INDArray::close);
    evaluationState.values().forEach(INDArray::close);
  }

  /** Bytes of all arrays of the largest window so far, with what is spare. */
  long windowBytes() {
    return Math.max(workspace.getCurrentSize(), workspace.getLastCycleAllocations());
  }

  private Masks masks(Draws draws, Window window, Segment segment) {
    return Masks.of(draws, shape.ofSteps(window.steps()), network.type())
        .of(segment, shape.batch());
  }

  private SortedMap<Parameter, INDArray> gradients(
      Window window, Forward forward, Segment segment) {
    SortedMap<Parameter, INDArray> gradients =
        new Backward(network, window, forward)
            .gradients(history, segment, config.recurrentScale(bpttSteps));
    double scale = config.gradientScale(forward.counted());
    if (scale != 1) {
      gradients.values().forEach(gradient -> gradient.muli(scale));
    }
    return gradients;
  }

  private static double norm(Map<Parameter, INDArray> gradients) {
    return Math.sqrt(gradients.values().stream().mapToDouble(Parameters::squares).sum());
  }
}
