package org.tbptt.sweep;

import java.time.Instant;
import java.util.List;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Schedule;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.results.TrialResult;

/** Trials and their results without training. */
public final class TestTrials {

  public static final String PTB = "ptb-480bf77ac2939f90";
  public static final Instant NOON = Instant.parse("2026-11-20T12:00:00.123456Z");

  private TestTrials() {}

  /** A trial with the published experiment's settings. */
  public static TrialSpec spec(Truncation truncation, double learningRate, long seed) {
    return new TrialSpec(
        truncation,
        new RnnModel(Cell.TANH, 100, 50, 0.8, Initialiser.UNIFORM_UNIT_SCALING, Carry.POST_DROPOUT),
        new Training(
            20,
            32,
            0,
            Optimizer.ADAM,
            0.9,
            0.9,
            learningRate,
            Schedule.CONSTANT,
            Normalisation.R2RT,
            0,
            EngineChoice.AUTO,
            Precision.FP32),
        seed);
  }

  /** A trial whose epochs ended with these validation losses. */
  public static TrialResult result(
      String sweep, String corpusId, TrialSpec spec, TrialStatus status, double... validLosses) {
    return result(sweep, corpusId, spec, status, List.of(), validLosses);
  }

  /** The same, of which this was measured. */
  public static TrialResult result(
      String sweep,
      String corpusId,
      TrialSpec spec,
      TrialStatus status,
      List<Diagnosis> diagnoses,
      double... validLosses) {
    List<EpochMetrics> epochs = new java.util.ArrayList<>();
    for (double loss : validLosses) {
      epochs.add(
          new EpochMetrics(
              epochs.size() + 1,
              spec.truncation().bpttSteps(),
              Double.NaN,
              loss + 0.5,
              loss,
              0.25,
              0,
              1.5,
              1000,
              0.5));
    }
    return result(sweep, corpusId, spec, status, epochs, diagnoses);
  }

  /** A trial of one epoch, of which this was measured. */
  public static TrialResult measured(String sweep, TrialSpec spec, Diagnosis... diagnoses) {
    EpochMetrics epoch =
        new EpochMetrics(
            1, spec.truncation().bpttSteps(), Double.NaN, 5.5, 5, 0.25, 0, 1.5, 1000, 0.5);
    return result(sweep, PTB, spec, TrialStatus.COMPLETED, List.of(epoch), List.of(diagnoses));
  }

  private static TrialResult result(
      String sweep,
      String corpusId,
      TrialSpec spec,
      TrialStatus status,
      List<EpochMetrics> epochs,
      List<Diagnosis> diagnoses) {
    return new TrialResult(
        sweep,
        TrialIdentity.of(spec, corpusId),
        corpusId,
        spec,
        new TrialOutcome(
            status,
            status == TrialStatus.COMPLETED ? "" : "because of a reason",
            epochs,
            diagnoses,
            "nd4j",
            "nd4j",
            0.005,
            NOON,
            NOON.plusSeconds(10)),
        1,
        1,
        "localhost",
        "0.1.0");
  }
}
