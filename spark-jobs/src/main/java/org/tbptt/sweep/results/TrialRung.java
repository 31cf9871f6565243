package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;
import static org.tbptt.sweep.results.Column.flag;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.List;
import org.apache.parquet.example.data.Group;
import org.tbptt.sweep.stopping.Decision;

/** A row of rungs: what the stopping rule has decided about a trial at a rung. */
public record TrialRung(String trialId, Decision decision) {

  static final List<Column<TrialRung>> COLUMNS =
      List.of(
          string(Table.TRIAL_ID, "the trial", TrialRung::trialId),
          integer(
              "candidate",
              "the trial's place in the order in which the rule compares trials, from 0",
              r -> r.decision.candidate()),
          string("rule", "patience, median or successive-halving", r -> r.decision.rule()),
          integer("rung", "from 0", r -> r.decision.rung()),
          integer("epoch", "after which the rung is", r -> r.decision.epoch()),
          number(
              "loss",
              "validation loss that decided, nats per token: that of the epoch, for median the"
                  + " lowest so far",
              r -> r.decision.loss()),
          integer(
              "rank",
              "successive-halving: the loss's place among those at the rung, 1 for the lowest",
              r -> r.decision.rank()),
          integer(
              "among",
              "candidates up to this one that reached the rung; NULL for patience",
              r -> r.decision.among()),
          integer(
              "advance", "successive-halving: how many of them go on", r -> r.decision.advance()),
          number(
              "median",
              "median: that of the losses of earlier candidates at the rung, nats per token",
              r -> r.decision.median()),
          flag("stopped", "whether the rule stops the trial here", r -> r.decision.stopped()),
          string("reason", "the numbers, in words", r -> r.decision.reason()));

  public TrialRung {
    requireNonNull(trialId, "trialId");
    requireNonNull(decision, "decision");
  }

  static TrialRung of(Group row) {
    return new TrialRung(
        row.getString(Table.TRIAL_ID, 0),
        new Decision(
            row.getInteger("candidate", 0),
            row.getString("rule", 0),
            row.getInteger("rung", 0),
            row.getInteger("epoch", 0),
            row.getDouble("loss", 0),
            integerOrNull(row, "rank"),
            integerOrNull(row, "among"),
            integerOrNull(row, "advance"),
            row.getFieldRepetitionCount("median") == 0 ? null : row.getDouble("median", 0),
            row.getBoolean("stopped", 0),
            row.getString("reason", 0)));
  }

  private static Integer integerOrNull(Group row, String column) {
    return row.getFieldRepetitionCount(column) == 0 ? null : row.getInteger(column, 0);
  }
}
