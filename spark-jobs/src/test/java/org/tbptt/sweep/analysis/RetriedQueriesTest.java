package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetriedQueriesTest {

  private final RuntimeException lost =
      new IllegalStateException(
          "Job aborted: Lost task 0.0 in stage 7.0: ExecutorLostFailure (executor 1 exited)");

  private int calls;

  @Test
  void aLostExecutorIsAskedAgain() {
    assertThat(answers(lost, new RuntimeException("wrapped", lost))).isEqualTo("3 calls");
  }

  @Test
  void threeTimesAtMost() {
    assertThatThrownBy(() -> answers(lost, lost, lost)).isSameAs(lost);
    assertThat(calls).isEqualTo(3);
  }

  @Test
  void otherFailuresAreToldAtOnce() {
    RuntimeException other = new IllegalStateException("no such column");

    assertThatThrownBy(() -> answers(other)).isSameAs(other);
    assertThat(calls).isEqualTo(1);
  }

  /** Of a query that fails so often first. */
  private String answers(RuntimeException... failures) {
    Deque<RuntimeException> left = new ArrayDeque<>(List.of(failures));
    return Queries.retried(
        () -> null,
        queries -> {
          calls++;
          if (!left.isEmpty()) {
            throw left.pop();
          }
          return calls + " calls";
        });
  }
}
