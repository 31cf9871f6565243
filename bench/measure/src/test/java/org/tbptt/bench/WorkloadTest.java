package org.tbptt.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tbptt.model.core.Cell;
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

  @Test
  void layersWithGatesHaveAProductForEachGateAndErrorsThatGoDown() {
    // N = 6, G H = 15: softmax 1260, recurrences 4*6*(3+5+5+5)*15, input 2*6*3*15,
    // back 2*(2*2)*5*15 for each layer, down to the first 2*6*5*15.
    assertThat(workload(Cell.GRU, 2, new TensorFlowStyle(3)).operations())
        .isEqualTo(1260 + 6480 + 540 + 2 * 600 + 900);
    // By lags, errors of lag 1 (2*2 rows) go down as well.
    assertThat(workload(Cell.GRU, 2, new TrueStyle(2, 3)).backwardOperations())
        .isEqualTo(2 * 600 + 900 + 600);
  }

  private static Workload workload(Truncation truncation) {
    return workload(Cell.TANH, 1, truncation);
  }

  private static Workload workload(Cell cell, int layers, Truncation truncation) {
    return new Workload("small", 7, 3, cell, layers, 5, 2, truncation, 1, false);
  }
}
