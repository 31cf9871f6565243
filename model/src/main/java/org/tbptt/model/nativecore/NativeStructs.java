package org.tbptt.model.nativecore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.Segment;
import org.tbptt.model.core.StepResult;

/**
 * The structs of the core's C interface in direct buffers, their fields at the offsets that the
 * header names for 64-bit machines. They are refilled for each call.
 */
final class NativeStructs {

  // The core's whole numbers.
  static final int OPTIMIZER_STEPS = 0;
  static final int HISTORY_STEPS = 1;

  private static final int CONFIG_BYTES = 112;
  private static final int STATS_BYTES = 104;

  private final CoreConfig config;
  private final int threads;
  private final long cancel;
  private final RnnShape shape;
  private final List<String> tensors;
  private final ByteBuffer configStruct = direct(CONFIG_BYTES);
  private final ByteBuffer statsStruct = direct(STATS_BYTES);

  /**
   * @param threads that compute a step together
   * @param cancel the address of a number that is set to non-zero to stop the core
   */
  NativeStructs(CoreConfig config, int threads, long cancel) {
    this.config = config;
    this.threads = threads;
    this.cancel = cancel;
    this.shape = config.shape();
    this.tensors = tensors(shape);
  }

  /** The number among the core's matrices of one that {@link CoreState} names. */
  int tensor(String name) {
    return tensors.indexOf(name);
  }

  /** In the core's order: parameters, their moments, the states, those of evaluation, history. */
  private static List<String> tensors(RnnShape shape) {
    List<String> parameters = shape.parameters().stream().map(Parameter::key).toList();
    List<String> tensors = new ArrayList<>(parameters);
    parameters.forEach(name -> tensors.add(name + CoreState.FIRST_MOMENT));
    parameters.forEach(name -> tensors.add(name + CoreState.SECOND_MOMENT));
    tensors.addAll(shape.states());
    shape.states().forEach(name -> tensors.add(CoreState.EVALUATION + name));
    tensors.add(CoreState.HISTORY);
    return tensors;
  }

  /** tbptt_config. */
  ByteBuffer config() {
    int cell =
        switch (config.model().cell()) {
          case TANH -> 0;
          case RELU -> 1;
          case IDENTITY -> 2;
          case LSTM -> 3;
          case GRU -> 4;
        };
    int optimizer =
        switch (config.update().optimizer()) {
          case SGD -> 0;
          case MOMENTUM -> 1;
          case ADAM -> 2;
          case RMSPROP -> 3;
        };
    int precision =
        switch (config.precision()) {
          case FP32 -> 0;
          case BF16 -> 1;
          case BF16X2 -> 2;
        };
    configStruct
        .clear()
        .putInt(CONFIG_BYTES)
        .putInt(shape.vocabulary())
        .putInt(shape.embedding())
        .putInt(shape.hidden())
        .putInt(shape.batch())
        .putInt(shape.steps())
        .putInt(Segment.historyCapacity(config))
        .putInt(cell)
        .putInt(precision)
        .putInt(optimizer)
        .putInt(0) // instruction set: chosen by the core
        .putInt(threads)
        .putInt(0) // timings
        .putInt(shape.layers())
        .putDouble(Optimizer.BETA1)
        .putDouble(Optimizer.BETA2)
        .putDouble(Optimizer.EPSILON)
        .putDouble(config.update().momentum())
        .putDouble(config.update().rmsDecay())
        .putDouble(config.update().clipNorm())
        .putLong(cancel);
    return configStruct.clear();
  }

  /** tbptt_stats, for the core to fill. */
  ByteBuffer stats() {
    return statsStruct.clear();
  }

  /** The result that the core wrote to {@link #stats}. */
  StepResult stepResult() {
    double loss = statsStruct.getDouble(0);
    double norm = statsStruct.getDouble(8);
    boolean clipped = statsStruct.getInt(32) != 0;
    return new StepResult(loss, statsStruct.getLong(24), norm, clipped);
  }

  /** Whether the update was applied, according to {@link #stats}. */
  boolean applied() {
    return statsStruct.getInt(36) != 0;
  }

  /** Memory that the core can be given the address of, in its byte order. */
  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
