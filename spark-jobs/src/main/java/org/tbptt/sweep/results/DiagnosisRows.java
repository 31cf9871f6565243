package org.tbptt.sweep.results;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.sweep.results.Tables.TrialBias;
import org.tbptt.sweep.results.Tables.TrialLag;

/** The rows of lags and bias that a trial's diagnoses are. */
final class DiagnosisRows {

  private DiagnosisRows() {}

  static List<TrialLag> lags(TrialResult result) {
    List<TrialLag> rows = new ArrayList<>();
    for (Diagnosis diagnosis : result.outcome().diagnoses()) {
      Lag before = null;
      for (Lag lag : diagnosis.lags()) {
        Double ratio = before == null ? null : lag.phi() / before.phi();
        rows.add(new TrialLag(result.trialId(), diagnosis.epoch(), lag, ratio));
        before = lag;
      }
    }
    return rows;
  }

  static List<TrialBias> biases(TrialResult result) {
    List<TrialBias> rows = new ArrayList<>();
    for (Diagnosis diagnosis : result.outcome().diagnoses()) {
      for (Bias bias : diagnosis.biases()) {
        rows.add(new TrialBias(result.trialId(), diagnosis.epoch(), bias));
      }
    }
    return rows;
  }
}
