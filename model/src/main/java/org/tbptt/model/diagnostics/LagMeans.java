package org.tbptt.model.diagnostics;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.core.LagNorms;

/** Lag norms of several windows: the mean over those long enough to have the lag. */
final class LagMeans {

  private final double[] phi;
  private final double[] weightL1;
  private final double[] weightL2;
  private final int[] windows;

  /**
   * @param lags how many, at least 1
   */
  LagMeans(int lags) {
    phi = new double[lags];
    weightL1 = new double[lags];
    weightL2 = new double[lags];
    windows = new int[lags];
  }

  int lags() {
    return phi.length;
  }

  /**
   * @param steps of the window
   */
  void add(LagNorms norms, int steps) {
    for (int lag = 0; lag < Math.min(steps, lags()); lag++) {
      phi[lag] += norms.phi()[lag];
      weightL1[lag] += norms.weightL1()[lag];
      weightL2[lag] += norms.weightL2()[lag];
      windows[lag]++;
    }
  }

  /** From lag 0 to the last lag that any window has. */
  List<Lag> means() {
    List<Lag> means = new ArrayList<>();
    for (int lag = 0; lag < lags() && windows[lag] > 0; lag++) {
      means.add(
          new Lag(
              lag,
              phi[lag] / windows[lag],
              weightL1[lag] / windows[lag],
              weightL2[lag] / windows[lag]));
    }
    return means;
  }
}
