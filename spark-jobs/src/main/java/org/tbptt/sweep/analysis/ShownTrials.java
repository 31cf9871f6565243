package org.tbptt.sweep.analysis;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.sum;

import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The trials of a sweep that a report shows: all of them, unless they are too many.
 *
 * @param ids their ids; empty if they are all
 */
record ShownTrials(Optional<Dataset<Row>> ids) {

  /**
   * Of a sweep.
   *
   * @param most how many at most; half of them have the lowest losses, the others are any
   */
  static ShownTrials of(Queries queries, SweepState sweep, int most) {
    if (sweep.ended() <= most) {
      return new ShownTrials(Optional.empty());
    }
    Dataset<Row> query =
        queries.named(
            "report_shown.sql", Map.of("sweep", sweep.name(), "most", most, "best", most / 2));
    return new ShownTrials(
        Optional.of(query.sparkSession().createDataFrame(query.collectAsList(), query.schema())));
  }

  /** Their rows of those of all trials, in any order. */
  Dataset<Row> among(Dataset<Row> rows) {
    return ids.map(shown -> join(rows, shown, "left_semi")).orElse(rows);
  }

  /**
   * How many of the others ended in which way, and what they took.
   *
   * @param trials rows of report_left_out.sql
   */
  Optional<Dataset<Row>> leftOut(Dataset<Row> trials) {
    return ids.map(
        shown ->
            join(trials, shown, "left_anti")
                .groupBy("status")
                .agg(
                    count("*").as("trials"),
                    sum("train_seconds").as("train_seconds"),
                    sum("train_tokens").as("train_tokens")));
  }

  private static Dataset<Row> join(Dataset<Row> rows, Dataset<Row> shown, String type) {
    return rows.join(broadcast(shown), new String[] {"trial_id"}, type);
  }
}
