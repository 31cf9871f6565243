package org.tbptt.sweep.results;

import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.List;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;

/** A row of bias: a bias, the epoch after which it was measured, and the trial it belongs to. */
record TrialBias(String trialId, int epoch, Bias bias) {

  static final List<Column<TrialBias>> COLUMNS =
      List.of(
          string(Table.TRIAL_ID, "the trial", TrialBias::trialId),
          integer("epoch", "after which it was measured; 0: untrained", TrialBias::epoch),
          string(
              "parameter",
              "Emb, W, b, W2, b2 ..., Ws or bs; all: together",
              b -> b.bias.parameter()),
          number(
              "relative_bias",
              "length of g_style - g_full by that of g_full; NULL if g_full is 0",
              b -> b.bias.relative()),
          number(
              "cosine",
              "of the angle between g_style and g_full; NULL if one is 0",
              b -> b.bias.cosine()));

  /** The rows of a trial. */
  static List<TrialBias> of(String trialId, List<Diagnosis> diagnoses) {
    return diagnoses.stream()
        .flatMap(
            diagnosis ->
                diagnosis.biases().stream()
                    .map(bias -> new TrialBias(trialId, diagnosis.epoch(), bias)))
        .toList();
  }
}
