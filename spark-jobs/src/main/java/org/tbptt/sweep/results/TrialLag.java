package org.tbptt.sweep.results;

import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;

/**
 * A row of lags: a lag, the epoch after which it was measured, and the trial that it belongs to.
 *
 * @param ratio its phi by that of the lag before; null at lag 0
 */
record TrialLag(String trialId, int epoch, Lag lag, Double ratio) {

  static final List<Column<TrialLag>> COLUMNS =
      List.of(
          string(Table.TRIAL_ID, "the trial", TrialLag::trialId),
          integer("epoch", "after which it was measured; 0: untrained", TrialLag::epoch),
          integer("lag", "k: steps back from a loss, from 0", l -> l.lag.lag()),
          number(
              "phi",
              "mean L2 norm of dloss_t/dh_{t-k}, nats per token; h of all layers, and c",
              l -> l.lag.phi()),
          number("w_l1", "L1 norm of the lag's part of the W gradient", l -> l.lag.wL1()),
          number("w_l2", "L2 norm of the lag's part of the W gradient", l -> l.lag.wL2()),
          number("ratio", "phi / phi of the lag before; NULL at lag 0", TrialLag::ratio));

  /** The rows of a trial. */
  static List<TrialLag> of(String trialId, List<Diagnosis> diagnoses) {
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
}
