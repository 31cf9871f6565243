package org.tbptt.model.core;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Everything that an engine needs to go on with the same bits: a copy, of which the core keeps
 * nothing.
 *
 * <p>Matrices by name: a parameter's {@link Parameter#key}, the same with {@code .first_moment} or
 * {@code .second_moment} for what the optimiser keeps, {@code state} and {@code evaluation_state}
 * (B,H), and {@code history} (Q*B, 2+2E+3H) for the Q steps before the next window, a row per step
 * and column of the batch: token, whether the link out of it is masked (0 or 1), input x, input
 * mask, previous state r, state h, link mask. There is no history where Q is 0.
 *
 * <p>Counters by name: {@code optimizer_steps}, {@code history_steps} (Q) and {@code bptt_steps}
 * (n).
 *
 * @param matrices canonical, row-major, in the engine's own data type
 * @param counters whole numbers
 */
public record CoreState(Map<String, INDArray> matrices, Map<String, Long> counters)
    implements AutoCloseable {

  public CoreState {
    matrices = Collections.unmodifiableMap(new TreeMap<>(matrices));
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /** Releases the matrices. */
  @Override
  public void close() {
    matrices.values().forEach(INDArray::close);
  }
}
