package org.tbptt.sweep.results;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.sweep.results.Tables.TrialBias;
import org.tbptt.sweep.results.Tables.TrialLag;

/** The rows of lags and bias that diagnoses are. */
public final class DiagnosisRows {

  private DiagnosisRows() {}

  /** What the table lags would have of it. */
  public static Dataset<Row> lags(SparkSession spark, String trialId, Diagnosis diagnosis) {
    return Tables.LAGS.rows(spark, lags(trialId, List.of(diagnosis)));
  }

  /** What the table bias would have of it. */
  public static Dataset<Row> biases(SparkSession spark, String trialId, Diagnosis diagnosis) {
    return Tables.BIAS.rows(spark, biases(trialId, List.of(diagnosis)));
  }

  static List<TrialLag> lags(String trialId, List<Diagnosis> diagnoses) {
    List<TrialLag> rows = new ArrayList<>();
    for (Diagnosis diagnosis : diagnoses) {
      Lag before = null;
      for (Lag lag : diagnosis.lags()) {
        Double ratio = before == null ? null : lag.phi() / before.phi();
        rows.add(new TrialLag(trialId, diagnosis.epoch(), lag, ratio));
        before = lag;
      }
    }
    return rows;
  }

  static List<TrialBias> biases(String trialId, List<Diagnosis> diagnoses) {
    List<TrialBias> rows = new ArrayList<>();
    for (Diagnosis diagnosis : diagnoses) {
      for (Bias bias : diagnosis.biases()) {
        rows.add(new TrialBias(trialId, diagnosis.epoch(), bias));
      }
    }
    return rows;
  }
}
