package org.tbptt.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class WorkloadTest {

  @Test
  void onePassGoesBackFromTheLastStepToTheFirst() {
    // N = 6 tokens: softmax 6*6*5*7, recurrence 4*6*(3+5)*5, input 2*6*3*5, pass 2*(2*2)*5*5.
    assertThat(workload(new TensorFlowStyle(3)).operations()).isEqualTo(1260 + 960 + 180 + 200);
  }

  @Test
  void lagProductsHaveARowForEveryErrorThatGetsSoFar() {
    // Lag 1 has 2*2 rows; lag 2 is not reached.
    assertThat(workload(new TrueStyle(2, 3)).backwardOperations()).isEqualTo(2 * 4 * 25);
    assertThat(workload(new TrueStyle(1, 3)).backwardOperations()).isZero();
  }

  private static Workload workload(Truncation truncation) {
    return new Workload("small", 7, 3, 5, 2, truncation, 1, false);
  }
}
