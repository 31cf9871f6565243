package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a kept model gave on its corpus' test stream.
 *
 * @param loss by the trial's own kind of engine, nats per token
 * @param engine that computed it
 * @param dl4jLoss by DL4J on Spark, nats per token
 * @param tokens predicted
 * @param epoch the epoch that the weights are of
 */
public record TestLoss(
    String sweep,
    String trialId,
    double loss,
    String engine,
    double dl4jLoss,
    long tokens,
    int epoch,
    String codeVersion,
    Instant evaluatedAt) {

  public TestLoss {
    requireNonNull(sweep, "sweep");
    requireNonNull(trialId, "trialId");
    requireNonNull(engine, "engine");
    requireNonNull(codeVersion, "codeVersion");
    requireNonNull(evaluatedAt, "evaluatedAt");
  }
}
