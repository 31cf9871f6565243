package org.tbptt.model.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.diagnostics.GradientProbe;
import org.tbptt.model.diagnostics.HeldWindows;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.Truncation;

/** The measurements during a trial's training, which they do not affect. */
public final class TrialDiagnostics {

  private final GradientProbe probe; // null if nothing is measured
  private final List<Diagnosis> diagnoses = new ArrayList<>();

  /**
   * @throws IllegalArgumentException if the validation stream is too short to measure on
   */
  TrialDiagnostics(TrialSpec spec, Corpus corpus) {
    this.probe =
        spec.diagnostics().on() ? probe(spec, spec.truncation(), spec.diagnostics(), corpus) : null;
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
   * Memory outside the heap that a trial's measurements need beside its training, bytes.
   *
   * @throws IllegalArgumentException if the validation stream is too short to measure on
   */
  public static long offHeapBytes(TrialSpec spec, Corpus corpus) {
    return spec.diagnostics().on()
        ? probe(spec, spec.truncation(), spec.diagnostics(), corpus)
            .offHeapBytes(spec.truncation(), spec.training().engine().toMeasure()::offHeapBytes)
        : 0;
  }

  /**
   * Measures with the core's weights after an epoch.
   *
   * @param epoch from 1; 0 before the training
   * @param style with the n that the epoch had
   * @return nothing if nothing is measured
   */
  Optional<Diagnosis> measure(int epoch, RnnCore core, Truncation style) {
    if (probe == null) {
      return Optional.empty();
    }
    Map<Parameter, INDArray> weights = new TreeMap<>();
    try {
      for (Parameter parameter : core.shape().parameters()) {
        weights.put(parameter, core.read(parameter));
      }
      Diagnosis diagnosis = probe.measure(epoch, weights, style);
      diagnoses.add(diagnosis);
      return Optional.of(diagnosis);
    } finally {
      weights.values().forEach(INDArray::close);
    }
  }

  /** Restores the measurements of a checkpoint. */
  void resume(List<Diagnosis> earlier) {
    diagnoses.addAll(earlier);
  }

  /** In the order of the epochs. */
  List<Diagnosis> diagnoses() {
    return List.copyOf(diagnoses);
  }
}
