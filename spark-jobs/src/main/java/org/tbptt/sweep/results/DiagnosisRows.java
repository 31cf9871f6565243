package org.tbptt.sweep.results;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.diagnostics.Diagnosis;

/** The rows that the tables would have of a diagnosis that is not written. */
public final class DiagnosisRows {

  private DiagnosisRows() {}

  /** What the table lags would have of it. */
  public static Dataset<Row> lags(SparkSession spark, String trialId, Diagnosis diagnosis) {
    return Tables.LAGS.rows(spark, TrialLag.of(trialId, List.of(diagnosis)));
  }

  /** What the table bias would have of it. */
  public static Dataset<Row> biases(SparkSession spark, String trialId, Diagnosis diagnosis) {
    return Tables.BIAS.rows(spark, TrialBias.of(trialId, List.of(diagnosis)));
  }
}
