package org.tbptt.model.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.diagnostics.GradientProbe;
import org.tbptt.model.diagnostics.HeldWindows;
import org.tbptt.model.diagnostics.LagDecay;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.Truncation;

/**
 * The measurements during a trial's training, and the n of the next epoch that the style {@code
 * adaptive} derives from them. For any other style they do not affect training.
 */
public final class TrialDiagnostics {

  private final TrialSpec spec;
  private final GradientProbe probe; // null if nothing is measured
  private final List<Diagnosis> diagnoses = new ArrayList<>();
  private int bpttSteps;
  private double biasBound = Double.NaN;

  /**
   * @throws IllegalArgumentException if the validation stream is too short to measure on
   */
  TrialDiagnostics(TrialSpec spec, Corpus corpus) {
    this.spec = spec;
    this.probe =
        spec.diagnostics().on() ? probe(spec, spec.truncation(), spec.diagnostics(), corpus) : null;
    this.bpttSteps = spec.truncation().bpttSteps();
  }

  /**
   * The probe for a trial's network, with any weights.
   *
   * @param truncation the style, the trial's own or another
   * @param diagnostics that are on, the trial's own or others
   * @throws IllegalArgumentException if the validation stream is too short to measure on
   */
  public static GradientProbe probe(
      TrialSpec spec, Truncation truncation, Diagnostics diagnostics, Corpus corpus) {
    EngineChoice chosen = spec.training().engine();
    // DL4J cannot measure gradients by lag.
    EngineChoice engine = chosen.toMeasure();
    return new GradientProbe(
        diagnostics,
        HeldWindows.of(diagnostics, truncation, corpus, spec.training().batchSize(), spec.seed()),
        corpus.vocabulary().size(),
        spec.model(),
        spec.seed(),
        (config, weights) -> engine.engine().open(config, weights, 1));
  }

  /**
   * Measures with the core's weights after an epoch, and sets the n of an adaptive core for the
   * next epoch.
   *
   * @param epoch from 1; 0 before the training
   */
  void measure(int epoch, RnnCore core) {
    if (probe == null) {
      return;
    }
    Map<Parameter, INDArray> weights = new TreeMap<>();
    try {
      for (Parameter parameter : core.shape().parameters()) {
        weights.put(parameter, core.read(parameter));
      }
      add(probe.measure(epoch, weights, spec.truncation().inUse(bpttSteps)));
    } finally {
      weights.values().forEach(INDArray::close);
    }
    if (spec.truncation().allowedBias().isPresent()) {
      core.setBpttSteps(bpttSteps);
    }
  }

  /** Restores the measurements of a checkpoint. */
  void resume(List<Diagnosis> earlier) {
    earlier.forEach(this::add);
  }

  /** In the order of the epochs. */
  List<Diagnosis> diagnoses() {
    return List.copyOf(diagnoses);
  }

  /** n in the epoch that comes next. */
  int bpttSteps() {
    return bpttSteps;
  }

  /** {@link EpochMetrics#biasBound} of the epoch that comes next. */
  double biasBound() {
    return biasBound;
  }

  private void add(Diagnosis diagnosis) {
    diagnoses.add(diagnosis);
    OptionalDouble allowedBias = spec.truncation().allowedBias();
    if (allowedBias.isPresent()) {
      LagDecay decay = diagnosis.decay();
      if (diagnosis.epoch() > 0) { // the first epoch has the n that it was given
        bpttSteps = decay.stepsWithin(allowedBias.getAsDouble(), spec.truncation().seqLen());
      }
      biasBound = decay.relativeBound(bpttSteps).orElse(Double.NaN);
    }
  }
}
