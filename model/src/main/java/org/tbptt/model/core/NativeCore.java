package org.tbptt.model.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.corpus.Window;

/**
 * The fast engine: the native core, in memory of ND4J's. It lays its matrices out in its own way
 * and gives and takes copies in the usual one.
 */
final class NativeCore implements RnnCore {

  private final CoreConfig config;
  private final RnnShape shape;
  private final INDArray arena;
  private final IntBuffer tokens;
  private final IntBuffer targets;
  private final NativeStructs structs;
  private long core;

  /**
   * Makes a core with these parameters.
   *
   * @throws UnsupportedOperationException if the library or the instruction set is not there
   * @throws IllegalArgumentException if the core refuses the configuration
   */
  NativeCore(CoreConfig config, Map<Parameter, INDArray> parameters) {
    NativeLibrary.require();
    this.config = config;
    this.shape = config.shape();
    this.structs = new NativeStructs(config);
    long bytes = NativeBinding.requiredBytes(structs.config());
    // The core clears it, after it has asked for huge pages under it.
    this.arena = Nd4j.createUninitialized(DataType.FLOAT, (bytes + 3) / 4);
    this.tokens = direct(4 * shape.tokens()).asIntBuffer();
    this.targets = direct(4 * shape.tokens()).asIntBuffer();
    try {
      this.core =
          NativeBinding.create(structs.config(), address(arena), arena.length() * Float.BYTES);
    } catch (RuntimeException refused) {
      arena.close();
      throw refused;
    }
    parameters.forEach(this::write);
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
    return NativeBinding.isaName(NativeBinding.coreIsa(open()));
  }

  @Override
  public INDArray read(Parameter parameter) {
    return read(NativeStructs.tensor(parameter), parameter.rows(shape), parameter.columns(shape));
  }

  @Override
  public void write(Parameter parameter, INDArray values) {
    write(NativeStructs.tensor(parameter), parameter.rows(shape), parameter.columns(shape), values);
  }

  @Override
  public INDArray readState() {
    return read(NativeStructs.STATE, shape.batch(), shape.hidden());
  }

  @Override
  public void writeState(INDArray state) {
    write(NativeStructs.STATE, shape.batch(), shape.hidden(), state);
  }

  @Override
  public void resetState() {
    NativeBinding.reset(open());
  }

  @Override
  public StepResult train(Window window, Draws draws, double learningRate) {
    give(window);
    NativeBinding.train(
        open(),
        structs.window(draws),
        tokens,
        targets,
        given(draws, Draws::inputMask),
        given(draws, Draws::outputMask),
        learningRate,
        structs.stats());
    return structs.stepResult();
  }

  @Override
  public Evaluation evaluate(Window window) {
    give(window);
    return new Evaluation(
        NativeBinding.evaluate(open(), tokens, targets, shape.steps()), shape.tokens());
  }

  @Override
  public Gradients gradients(Window window, Draws draws) {
    give(window);
    Map<Parameter, INDArray> gradients = new EnumMap<>(Parameter.class);
    long[] addresses = new long[Parameter.values().length];
    for (Parameter parameter : Parameter.values()) {
      INDArray gradient =
          Nd4j.create(
              DataType.FLOAT, new long[] {parameter.rows(shape), parameter.columns(shape)}, 'c');
      gradients.put(parameter, gradient);
      addresses[NativeStructs.tensor(parameter)] = address(gradient);
    }
    NativeBinding.gradients(
        open(),
        structs.window(draws),
        tokens,
        targets,
        given(draws, Draws::inputMask),
        given(draws, Draws::outputMask),
        addresses,
        structs.stats());
    return new Gradients(structs.stepResult().loss(), gradients);
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
    if (core != 0) {
      NativeBinding.destroy(core);
      core = 0;
      arena.close();
    }
  }

  private long open() {
    if (core == 0) {
      throw new IllegalStateException("the core is closed");
    }
    return core;
  }

  private void give(Window window) {
    config.check(window);
    tokens.clear().put(window.inputs());
    targets.clear().put(window.targets());
  }

  /** A mask that is given is passed on; one that is drawn the core draws itself. */
  private FloatBuffer given(Draws draws, BiFunction<Draws, RnnShape, float[]> which) {
    if (!(draws instanceof Draws.Given)) {
      return null;
    }
    float[] mask = which.apply(draws, shape);
    return direct(Float.BYTES * mask.length).asFloatBuffer().put(mask).clear();
  }

  private INDArray read(int tensor, int rows, int columns) {
    INDArray values = Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'c');
    NativeBinding.read(open(), tensor, address(values), values.length());
    return values;
  }

  private void write(int tensor, int rows, int columns, INDArray values) {
    if (values.rank() != 2 || values.rows() != rows || values.columns() != columns) {
      throw new IllegalArgumentException(
          "values of shape %s were given for a matrix of (%d, %d)"
              .formatted(Arrays.toString(values.shape()), rows, columns));
    }
    INDArray canonical = values.castTo(DataType.FLOAT).dup('c');
    NativeBinding.write(open(), tensor, address(canonical), canonical.length());
    canonical.close();
  }

  /**
   * Of an array that is whole and in row-major order; the array must stay reachable over the call.
   */
  private static long address(INDArray array) {
    return array.data().addressPointer().address();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
