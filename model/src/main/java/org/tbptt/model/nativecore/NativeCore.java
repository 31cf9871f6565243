package org.tbptt.model.nativecore;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Gradients;
import org.tbptt.model.core.LagNorms;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.core.WindowTotals;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.Truncation;

/**
 * The fast engine: the native core, in memory that ND4J allocates. Its matrices have a layout of
 * their own; reading and writing copies them from and to the canonical one. A core that was not
 * closed releases its memory and threads when it becomes unreachable.
 */
public final class NativeCore implements RnnCore {

  private static final Cleaner CLEANER = Cleaner.create();

  private final CoreConfig config;
  private final RnnShape shape;
  private final Truncation truncation;
  private final NativeStructs structs;
  private final IntPointer cancel;
  private final NativeWindow call;
  private final Cleaner.Cleanable release;
  private int bpttSteps;
  private long core;

  /** Ws and bs as they are in the core; null if they were not read since they changed. */
  private INDArray weights;

  private INDArray bias;

  /**
   * Makes a core with these parameters.
   *
   * @param threads that compute a step together, from 1 to 1024; results do not depend on it
   * @throws UnsupportedOperationException if the library or the instruction set is not available
   * @throws IllegalArgumentException if the core refuses the configuration or a parameter
   */
  NativeCore(CoreConfig config, int threads, Map<Parameter, INDArray> parameters) {
    this(config, threads, parameters, newFlag());
  }

  /**
   * @param cancel the flag that {@link #cancel} sets; freed when no core refers to it
   */
  private NativeCore(
      CoreConfig config, int threads, Map<Parameter, INDArray> parameters, IntPointer cancel) {
    NativeLibrary.require();
    this.config = config;
    this.shape = config.shape();
    this.truncation = config.truncation();
    this.bpttSteps = truncation.bpttSteps();
    this.cancel = cancel;
    this.structs = new NativeStructs(config, threads, cancel.address());
    this.call = new NativeWindow(config);
    Owned owned = Owned.create(structs);
    this.core = owned.core();
    this.release = CLEANER.register(this, owned);
    try {
      parameters.forEach(this::write);
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  private static IntPointer newFlag() {
    NativeLibrary.require();
    return new IntPointer(1L).put(0);
  }

  /** What a core holds outside the heap: the core itself with its threads, and its memory. */
  private record Owned(long core, INDArray arena) implements Runnable {

    static Owned create(NativeStructs structs) {
      long bytes = NativeBinding.requiredBytes(structs.config());
      // The core clears the memory itself, after it has requested huge pages for it.
      INDArray arena = Nd4j.createUninitialized(DataType.FLOAT, (bytes + 3) / 4);
      try {
        long size = arena.length() * Float.BYTES;
        return new Owned(NativeBinding.create(structs.config(), address(arena), size), arena);
      } catch (RuntimeException refused) {
        arena.close();
        throw refused;
      }
    }

    @Override
    public void run() {
      NativeBinding.destroy(core);
      arena.close();
    }
  }

  /** Bytes that the core itself takes with one thread; each more takes 0.2 to 3 MB. */
  public static long requiredBytes(CoreConfig config) {
    NativeLibrary.require();
    return NativeBinding.requiredBytes(new NativeStructs(config, 1, 0).config());
  }

  @Override
  public RnnShape shape() {
    return shape;
  }

  @Override
  public String engine() {
    return "native";
  }

  @Override
  public String instructionSet() {
    try {
      return NativeBinding.isaName(NativeBinding.coreIsa(open()));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public INDArray read(Parameter parameter) {
    return read(parameter.key(), parameter.rows(shape), parameter.columns(shape));
  }

  @Override
  public void write(Parameter parameter, INDArray values) {
    write(parameter.key(), parameter.rows(shape), parameter.columns(shape), values);
  }

  @Override
  public Map<String, INDArray> readState() {
    Map<String, INDArray> state = new TreeMap<>();
    for (String name : shape.states()) {
      state.put(name, read(name, shape.batch(), shape.hidden()));
    }
    return state;
  }

  @Override
  public void writeState(Map<String, INDArray> state) {
    for (String name : shape.states()) {
      write(name, shape.batch(), shape.hidden(), state.get(name));
    }
  }

  @Override
  public void resetState() {
    inCore(NativeBinding::reset);
  }

  @Override
  public void setBpttSteps(int steps) {
    config.checkBpttSteps(steps);
    bpttSteps = steps;
  }

  @Override
  public StepResult train(Window window, Draws draws, double learningRate) {
    config.check(window);
    forgetSoftmax();
    WindowTotals totals = new WindowTotals();
    for (Segment segment :
        Segment.partsOf(truncation, bpttSteps, window.steps(), config.update().every())) {
      fill(window, draws, segment);
      inCore(
          core ->
              NativeBinding.train(
                  core,
                  call.struct(),
                  call.tokens(),
                  call.targets(),
                  call.inputMask(),
                  call.outputMask(),
                  call.linkMask(),
                  learningRate,
                  structs.stats()));
      totals.add(structs.stepResult());
      if (!structs.applied()) {
        break; // state and history change between the parts
      }
    }
    forgetUnlessCarried();
    return totals.result();
  }

  @Override
  public void advance(Window window, Draws draws) {
    config.check(window);
    fill(window, draws, Segment.over(truncation, bpttSteps, window.steps()));
    inCore(
        core ->
            NativeBinding.advance(
                core,
                call.struct(),
                call.tokens(),
                call.inputMask(),
                call.outputMask(),
                call.linkMask()));
    forgetUnlessCarried();
  }

  /** For training and its gradients. */
  private void fill(Window window, Draws draws, Segment segment) {
    boolean summed = config.normalisation() == Normalisation.BATCH;
    call.fill(window, draws, segment, config.recurrentScale(bpttSteps), summed);
  }

  @Override
  public Evaluation evaluate(Window window) {
    Evaluation evaluation = evaluateCarrying(window);
    forgetUnlessCarried();
    return evaluation;
  }

  private Evaluation evaluateCarrying(Window window) {
    config.check(window);
    Segment segment = Segment.over(truncation, bpttSteps, window.steps());
    call.fill(window, new Draws.None(), segment, 1, false);
    ByteBuffer result = NativeStructs.direct(Double.BYTES + Long.BYTES);
    inCore(
        core ->
            NativeBinding.evaluate(core, call.tokens(), call.targets(), window.steps(), result));
    return new Evaluation(result.getDouble(0), result.getLong(Double.BYTES));
  }

  /** The core keeps no probabilities, but h of the last layer's last step gives them. */
  @Override
  public INDArray probabilities(Window window) {
    evaluateCarrying(window);
    String last = CoreState.EVALUATION + CoreState.hidden(shape.layers());
    if (weights == null) {
      bias = read(Parameter.SOFTMAX_BIAS);
      weights = read(Parameter.SOFTMAX);
    }
    try (INDArray h = read(last, shape.batch(), shape.hidden())) {
      return Transforms.softmax(h.mmul(weights).addiRowVector(bias), false);
    } finally {
      forgetUnlessCarried();
    }
  }

  @Override
  public Gradients gradients(Window window, Draws draws) {
    config.check(window);
    Segment segment = Segment.over(truncation, bpttSteps, window.steps());
    fill(window, draws, segment);
    Map<Parameter, INDArray> gradients = new TreeMap<>();
    long[] addresses = new long[shape.parameters().size()];
    for (Parameter parameter : shape.parameters()) {
      INDArray gradient =
          Nd4j.create(
              DataType.FLOAT, new long[] {parameter.rows(shape), parameter.columns(shape)}, 'c');
      gradients.put(parameter, gradient);
      addresses[structs.tensor(parameter.key())] = address(gradient);
    }
    inCore(
        core ->
            NativeBinding.gradients(
                core,
                call.struct(),
                call.tokens(),
                call.targets(),
                call.inputMask(),
                call.outputMask(),
                call.linkMask(),
                addresses,
                structs.stats()));
    return new Gradients(structs.stepResult().loss(), gradients);
  }

  @Override
  public LagNorms lags(Window window, Draws draws, int lags) {
    config.check(window);
    Segment segment = Segment.byLag(truncation, draws, window.steps(), lags);
    if (config.precision() == Precision.FP32) {
      return exactLags(window, draws, segment);
    }
    // Lag norms fall below the range of lower precisions, so an fp32 core measures them; the same
    // flag cancels it.
    try (NativeCore exact = new NativeCore(config.in(Precision.FP32), 1, Map.of(), cancel);
        CoreState state = snapshot()) {
      exact.restore(state);
      return exact.exactLags(window, draws, segment);
    }
  }

  private LagNorms exactLags(Window window, Draws draws, Segment segment) {
    int lags = segment.reach();
    call.fill(window, draws, segment, 1, false);
    DoubleBuffer norms = NativeStructs.direct(3 * lags * Double.BYTES).asDoubleBuffer();
    inCore(
        core ->
            NativeBinding.lags(
                core,
                call.struct(),
                call.tokens(),
                call.targets(),
                call.inputMask(),
                call.outputMask(),
                norms));
    double[][] arrays = new double[3][lags];
    for (double[] array : arrays) {
      norms.get(array);
    }
    return new LagNorms(arrays[0], arrays[1], arrays[2]);
  }

  @Override
  public CoreState snapshot() {
    long historySteps = counter(NativeStructs.HISTORY_STEPS);
    Map<String, INDArray> matrices = new TreeMap<>();
    CoreState.shapes(shape, config.update().optimizer(), historySteps)
        .forEach((name, size) -> matrices.put(name, read(name, (int) size[0], (int) size[1])));
    return new CoreState(
        matrices,
        Map.of(
            CoreState.OPTIMIZER_STEPS,
            counter(NativeStructs.OPTIMIZER_STEPS),
            CoreState.HISTORY_STEPS,
            historySteps,
            CoreState.BPTT_STEPS,
            (long) bpttSteps));
  }

  @Override
  public void restore(CoreState state) {
    state.check(config);
    bpttSteps = Math.toIntExact(state.counters().get(CoreState.BPTT_STEPS));
    Map<String, Long> counters = state.counters();
    setCounter(NativeStructs.OPTIMIZER_STEPS, counters.get(CoreState.OPTIMIZER_STEPS));
    setCounter(NativeStructs.HISTORY_STEPS, counters.get(CoreState.HISTORY_STEPS));
    state
        .matrices()
        .forEach((name, values) -> write(name, values.rows(), values.columns(), values));
  }

  @Override
  public void cancel() {
    cancel.put(1);
  }

  @Override
  public void close() {
    core = 0;
    forgetSoftmax();
    release.clean();
  }

  private void forgetSoftmax() {
    if (weights != null) {
      weights.close();
      bias.close();
      weights = null;
      bias = null;
    }
  }

  private long open() {
    if (core == 0) {
      throw new IllegalStateException("the core is closed");
    }
    return core;
  }

  /** Calls the binding and keeps this core reachable meanwhile, so that it is not released. */
  private void inCore(LongConsumer call) {
    try {
      call.accept(open());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void forgetUnlessCarried() {
    if (!truncation.carriesState()) {
      resetState();
    }
  }

  private long counter(int which) {
    try {
      return NativeBinding.counter(open(), which);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void setCounter(int which, long value) {
    inCore(core -> NativeBinding.setCounter(core, which, value));
  }

  private INDArray read(String name, int rows, int columns) {
    int tensor = structs.tensor(name);
    INDArray values = Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'c');
    inCore(core -> NativeBinding.read(core, tensor, address(values), values.length()));
    return values;
  }

  private void write(String name, int rows, int columns, INDArray values) {
    if (values.rank() != 2 || values.rows() != rows || values.columns() != columns) {
      throw new IllegalArgumentException(
          "values of shape %s were given for a matrix of (%d, %d)"
              .formatted(Arrays.toString(values.shape()), rows, columns));
    }
    int tensor = structs.tensor(name);
    forgetSoftmax();
    try (INDArray canonical = values.castTo(DataType.FLOAT).dup('c')) {
      inCore(core -> NativeBinding.write(core, tensor, address(canonical), canonical.length()));
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException(name + ": " + refused.getMessage(), refused);
    }
  }

  /** The address of a contiguous row-major array, which must stay reachable during the call. */
  private static long address(INDArray array) {
    return array.data().addressPointer().address();
  }
}
