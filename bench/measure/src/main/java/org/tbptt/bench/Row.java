package org.tbptt.bench;

import java.util.Locale;
import org.tbptt.model.core.Precision;

/**
 * A row of the report: who does what.
 *
 * @param engine what computes
 * @param precision of the large matrix products
 * @param workload what is computed
 */
record Row(String engine, Precision precision, Workload workload) {

  String precisionName() {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return engine + " " + precisionName() + " " + workload.name();
  }
}
