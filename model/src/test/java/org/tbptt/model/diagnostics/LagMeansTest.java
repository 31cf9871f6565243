package org.tbptt.model.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tbptt.model.core.LagNorms;

class LagMeansTest {

  @Test
  void aLagsMeanIsOverTheWindowsThatAreLongEnough() {
    LagMeans means = new LagMeans(4);
    means.add(norms(4, 2, 1, 0.5), 9);
    means.add(norms(2, 1, 0, 0), 2);

    assertThat(means.means())
        .containsExactly(
            new Lag(0, 3, 30, 300),
            new Lag(1, 1.5, 15, 150),
            new Lag(2, 1, 10, 100),
            new Lag(3, 0.5, 5, 50));
  }

  @Test
  void lagsThatNoWindowIsLongEnoughForAreLeftOut() {
    LagMeans means = new LagMeans(4);
    means.add(norms(4, 2, 0, 0), 2);

    assertThat(means.means()).containsExactly(new Lag(0, 4, 40, 400), new Lag(1, 2, 20, 200));
  }

  private static LagNorms norms(double... phi) {
    double[] l1 = new double[phi.length];
    double[] l2 = new double[phi.length];
    for (int lag = 0; lag < phi.length; lag++) {
      l1[lag] = 10 * phi[lag];
      l2[lag] = 100 * phi[lag];
    }
    return new LagNorms(phi, l1, l2);
  }
}
