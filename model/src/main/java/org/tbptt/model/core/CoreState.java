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
 * {@code .second_moment} for the optimiser's moments, {@code state} and {@code evaluation_state}
 * (B,H), and {@code history} (Q*B, 2+2E+3H) for the Q steps before the next window, a row per step
 * and column of the batch: token, whether the link out of it is masked (0 or 1), input x, input
 * mask, previous state r, state h, link mask. If Q is 0 there is no history.
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
  public static final String STATE = "state";
  public static final String EVALUATION_STATE = "evaluation_state";
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

  /** The columns of a row of history: token, edge, x, input mask, r, h, link. */
  public static int historyColumns(RnnShape shape) {
    return 2 + 2 * shape.embedding() + 3 * shape.hidden();
  }

  /** The names of the matrices of a core, each with its (rows, columns). */
  public static Map<String, long[]> shapes(RnnShape shape, Optimizer optimizer, long historySteps) {
    Map<String, long[]> shapes = new TreeMap<>();
    for (Parameter parameter : Parameter.values()) {
      long[] size = {parameter.rows(shape), parameter.columns(shape)};
      shapes.put(parameter.key(), size);
      if (optimizer.keepsFirstMoment()) {
        shapes.put(parameter.key() + FIRST_MOMENT, size);
      }
      if (optimizer.keepsSecondMoment()) {
        shapes.put(parameter.key() + SECOND_MOMENT, size);
      }
    }
    shapes.put(STATE, new long[] {shape.batch(), shape.hidden()});
    shapes.put(EVALUATION_STATE, new long[] {shape.batch(), shape.hidden()});
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
