package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a sweep was told to do when it was last run, so that it can be understood and repeated.
 *
 * @param conf the resolved conf as JSON
 * @param vocabularySize V
 * @param trainTokens tokens in the training stream; likewise the others
 * @param plannedTrials distinct trials of the grid, and of grids that the sweep had before
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

  public SweepRecord {
    requireNonNull(sweep, "sweep");
    requireNonNull(conf, "conf");
    requireNonNull(corpusId, "corpusId");
    requireNonNull(codeVersion, "codeVersion");
    requireNonNull(sparkVersion, "sparkVersion");
    requireNonNull(startedAt, "startedAt");
  }
}
