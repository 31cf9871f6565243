package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;
import static org.tbptt.sweep.results.Column.bigint;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.string;
import static org.tbptt.sweep.results.Column.timestamp;

import java.time.Instant;
import java.util.List;

/**
 * What a sweep was told to do when it was last run, so that it can be understood and repeated.
 *
 * @param conf the resolved conf as JSON
 * @param vocabularySize V
 * @param trainTokens tokens in the training stream; likewise the others
 * @param plannedTrials distinct trials of the grid, and those already in the tables from earlier
 *     grids
 */
public record SweepRecord(
    String sweep,
    String conf,
    String corpusId,
    int vocabularySize,
    long trainTokens,
    long validTokens,
    long testTokens,
    int plannedTrials,
    String codeVersion,
    String sparkVersion,
    Instant startedAt) {

  static final List<Column<SweepRecord>> COLUMNS =
      List.of(
          string("conf", "resolved conf, JSON", SweepRecord::conf),
          string("corpus_id", "kind and hash of the corpus", SweepRecord::corpusId),
          integer("vocabulary_size", "V", SweepRecord::vocabularySize),
          bigint("train_tokens", "tokens in the training stream", SweepRecord::trainTokens),
          bigint("valid_tokens", "tokens in the validation stream", SweepRecord::validTokens),
          bigint("test_tokens", "tokens in the test stream", SweepRecord::testTokens),
          integer(
              "planned_trials",
              "distinct trials of the grid, and those already in the tables from earlier"
                  + " grids of the sweep",
              SweepRecord::plannedTrials),
          string("code_version", "version of this program", SweepRecord::codeVersion),
          string("spark_version", "version of Spark", SweepRecord::sparkVersion),
          timestamp("started_at", "when it was last run", SweepRecord::startedAt));

  public SweepRecord {
    requireNonNull(sweep, "sweep");
    requireNonNull(conf, "conf");
    requireNonNull(corpusId, "corpusId");
    requireNonNull(codeVersion, "codeVersion");
    requireNonNull(sparkVersion, "sparkVersion");
    requireNonNull(startedAt, "startedAt");
  }
}
