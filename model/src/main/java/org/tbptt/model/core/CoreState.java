package org.tbptt.model.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Everything that an engine needs to resume with bit-identical results: a copy, independent of the
 * core.
 *
 * <p>Matrices by name: a parameter's {@link Parameter#key}, the same with {@code .first_moment} or
 * {@code .second_moment} for what the optimiser keeps, the recurrent state {@link RnnShape#states}
 * (B,H), the same with {@code evaluation_} before it, and {@code history} for the Q steps before
 * the next window, a row per step and column of the batch: token, whether the link out of it is
 * masked (0 or 1), then for each layer its input, the mask on that, the state before the step, and
 * what the step computed ({@link #keptColumns}), last the link mask ({@link #linkColumns}). There
 * is no history where Q is 0.
 *
 * <p>Counters by name: {@code optimizer_steps}, {@code history_steps} (Q) and {@code bptt_steps}
 * (n).
 *
 * @param matrices canonical, row-major, in the engine's own data type
 * @param counters whole numbers
 */
public record CoreState(Map<String, INDArray> matrices, Map<String, Long> counters)
    implements AutoCloseable {

  public static final String FIRST_MOMENT = ".first_moment";
  public static final String SECOND_MOMENT = ".second_moment";
  public static final String EVALUATION = "evaluation_";
  public static final String HISTORY = "history";

  public static final String OPTIMIZER_STEPS = "optimizer_steps";
  public static final String HISTORY_STEPS = "history_steps";
  public static final String BPTT_STEPS = "bptt_steps";

  public CoreState {
    matrices = Collections.unmodifiableMap(new TreeMap<>(matrices));
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /** Releases the matrices. */
  @Override
  public void close() {
    matrices.values().forEach(INDArray::close);
  }

  /** The name of h of a layer, from 1: {@code state}, {@code state_2} ... */
  public static String hidden(int layer) {
    return ofLayer("state", layer);
  }

  /** The name of an LSTM's c of a layer: {@code cell_state}, {@code cell_state_2} ... */
  public static String cell(int layer) {
    return ofLayer("cell_state", layer);
  }

  /** Names of one network's layers tell the layer from the second on. */
  static String ofLayer(String name, int layer) {
    return layer < 2 ? name : name + "_" + layer;
  }

  /** The columns of a row of history. */
  public static int historyColumns(RnnShape shape) {
    int columns = 2 + linkColumns(shape);
    for (int layer = 1; layer <= shape.layers(); layer++) {
      columns += 2 * shape.inputWidth(layer) + shape.hidden() + keptColumns(shape);
    }
    return columns;
  }

  /** Only the state of a single layer without gates may be masked on its way. */
  public static int linkColumns(RnnShape shape) {
    return shape.layers() == 1 && !shape.cell().isGated() ? shape.hidden() : 0;
  }

  /**
   * What of a layer's step the way back needs beside its input and the h before it: h without
   * gates, (c', i, f, g, o, c) of an LSTM, (r, z, n, h' U_n + b_hn) of a GRU.
   */
  public static int keptColumns(RnnShape shape) {
    return shape.hidden()
        * switch (shape.cell()) {
          case TANH, RELU, IDENTITY -> 1;
          case LSTM -> 6;
          case GRU -> 4;
        };
  }

  /** The names of the matrices of a core, each with its (rows, columns). */
  public static Map<String, long[]> shapes(RnnShape shape, Optimizer optimizer, long historySteps) {
    Map<String, long[]> shapes = new TreeMap<>();
    for (Parameter parameter : shape.parameters()) {
      long[] size = {parameter.rows(shape), parameter.columns(shape)};
      shapes.put(parameter.key(), size);
      if (optimizer.keepsFirstMoment()) {
        shapes.put(parameter.key() + FIRST_MOMENT, size);
      }
      if (optimizer.keepsSecondMoment()) {
        shapes.put(parameter.key() + SECOND_MOMENT, size);
      }
    }
    for (String state : shape.states()) {
      shapes.put(state, new long[] {shape.batch(), shape.hidden()});
      shapes.put(EVALUATION + state, new long[] {shape.batch(), shape.hidden()});
    }
    if (historySteps > 0) {
      shapes.put(HISTORY, new long[] {historySteps * shape.batch(), historyColumns(shape)});
    }
    return shapes;
  }

  /**
   * Checks that a core can resume from this.
   *
   * @throws IllegalArgumentException if it is the state of a different core
   */
  public void check(CoreConfig config) {
    requireNames("counters", counters, Set.of(OPTIMIZER_STEPS, HISTORY_STEPS, BPTT_STEPS));
    requireRange(OPTIMIZER_STEPS, 0, Integer.MAX_VALUE);
    requireRange(HISTORY_STEPS, 0, Segment.historyCapacity(config));
    long fixed = config.truncation().bpttSteps();
    requireRange(
        BPTT_STEPS, config.isAdaptive() ? 1 : fixed, config.isAdaptive() ? config.steps() : fixed);
    Map<String, long[]> shapes =
        shapes(config.shape(), config.update().optimizer(), counters.get(HISTORY_STEPS));
    requireNames("matrices", matrices, shapes.keySet());
    matrices.forEach(
        (name, matrix) -> {
          if (!Arrays.equals(matrix.shape(), shapes.get(name))) {
            throw new IllegalArgumentException(
                "state has %s of shape %s: must be %s"
                    .formatted(
                        name, Arrays.toString(matrix.shape()), Arrays.toString(shapes.get(name))));
          }
        });
  }

  private void requireRange(String counter, long least, long most) {
    long value = counters.get(counter);
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "state has %s = %d: must be from %d to %d".formatted(counter, value, least, most));
    }
  }

  private static void requireNames(String what, Map<String, ?> found, Set<String> needed) {
    if (!found.keySet().equals(needed)) {
      throw new IllegalArgumentException(
          "state has the %s %s: must be %s".formatted(what, found.keySet(), new TreeSet<>(needed)));
    }
  }
}
