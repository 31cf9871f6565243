package org.tbptt.model.train;

import org.tbptt.model.core.RnnCore;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.truncation.Truncation;

/**
 * n of the epoch that comes next. The style {@code adaptive} chooses it from what was measured
 * after the epoch before, as the smallest n whose bound on the relative bias is within the allowed
 * one (Aicher, Foti and Fox 2019); every other style has one n for good.
 */
final class BpttStepsChoice {

  private final Truncation truncation;
  private int inUse;
  private double biasBound = Double.NaN;

  BpttStepsChoice(Truncation truncation) {
    this.truncation = truncation;
    this.inUse = truncation.bpttSteps();
  }

  /** Chooses by what was measured after an epoch; 0, before the training, keeps the n as given. */
  void after(Diagnosis diagnosis) {
    truncation
        .allowedBias()
        .ifPresent(
            allowed -> {
              LagDecay decay = diagnosis.decay();
              if (diagnosis.epoch() > 0) {
                inUse = decay.stepsWithin(allowed, truncation.seqLen());
              }
              biasBound = decay.relativeBound(inUse).orElse(Double.NaN);
            });
  }

  /** Makes a core go on with the chosen n. */
  void applyTo(RnnCore core) {
    if (truncation.allowedBias().isPresent()) {
      core.setBpttSteps(inUse);
    }
  }

  int inUse() {
    return inUse;
  }

  /** {@link EpochMetrics#biasBound} of the epoch that comes next. */
  double biasBound() {
    return biasBound;
  }
}
