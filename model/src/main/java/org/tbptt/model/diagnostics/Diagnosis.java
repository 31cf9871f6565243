package org.tbptt.model.diagnostics;

import java.io.Serializable;
import java.util.List;

/**
 * The measurements at the end of an epoch.
 *
 * @param epoch from 1; 0 is before the training
 * @param lags from lag 0 on, at least one
 * @param biases of each parameter and of all together
 */
public record Diagnosis(int epoch, List<Lag> lags, List<Bias> biases) implements Serializable {

  public Diagnosis {
    lags = List.copyOf(lags);
    biases = List.copyOf(biases);
  }

  /** How the errors decay. */
  public LagDecay decay() {
    return new LagDecay(lags.stream().mapToDouble(Lag::phi).toArray());
  }
}
