package org.tbptt.sweep.analysis;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.tbptt.sweep.results.ResultsException;

/**
 * A sweep in the tables.
 *
 * @param conf what it was last run with, JSON
 * @param corpusId of its last run; trials may have had others before
 * @param planned distinct trials of its grid, and of grids that it had before
 * @param ended trials in the tables
 */
public record SweepState(
    String name, String conf, String corpusId, int planned, long ended, boolean searched) {

  /**
   * The sweep of that name, or without a name the one that was run last.
   *
   * @throws ResultsException if there is none
   */
  public static SweepState find(Queries queries, Optional<String> name) {
    List<SweepState> sweeps =
        queries.named("sweeps.sql", Map.of()).collectAsList().stream().map(SweepState::of).toList();
    if (sweeps.isEmpty()) {
      throw new ResultsException("no sweep has been run yet: ./submit.sh run runs one");
    }
    if (name.isEmpty()) {
      return sweeps.get(0);
    }
    return sweeps.stream()
        .filter(sweep -> sweep.name.equals(name.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new ResultsException(
                    "sweep "
                        + name.get()
                        + " is not in the results; there are: "
                        + String.join(", ", sweeps.stream().map(SweepState::name).toList())));
  }

  /** Of a row of sweeps.sql. */
  static SweepState of(Row row) {
    return new SweepState(
        row.getAs("sweep"),
        row.getAs("conf"),
        row.getAs("corpus_id"),
        row.<Integer>getAs("planned_trials"),
        row.<Long>getAs("ended_trials"),
        row.<Boolean>getAs("searched"));
  }
}
