package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;
import static org.tbptt.sweep.results.Column.bigint;
import static org.tbptt.sweep.results.Column.integer;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;
import static org.tbptt.sweep.results.Column.timestamp;

import java.time.Instant;
import java.util.List;

/**
 * What a kept model gave on its corpus' test stream.
 *
 * @param loss by the trial's own kind of engine, nats per token
 * @param engine that computed it
 * @param dl4jLoss by DL4J on Spark, nats per token; null where DL4J has no layers for the network
 * @param tokens predicted
 * @param epoch the epoch that the weights are of
 */
public record TestLoss(
    String sweep,
    String trialId,
    double loss,
    String engine,
    Double dl4jLoss,
    long tokens,
    int epoch,
    String codeVersion,
    Instant evaluatedAt) {

  static final List<Column<TestLoss>> COLUMNS =
      List.of(
          string(Table.TRIAL_ID, "the trial", TestLoss::trialId),
          number(LateColumns.TEST_LOSS, "loss on the test stream, nats per token", TestLoss::loss),
          string("engine", "what computed it", TestLoss::engine),
          number(
              "dl4j_test_loss",
              "the same by DL4J on Spark, nats per token; NULL for gru",
              TestLoss::dl4jLoss),
          bigint("tokens", "tokens predicted", TestLoss::tokens),
          integer("epoch", "the epoch of the weights", TestLoss::epoch),
          string("code_version", "version of this program", TestLoss::codeVersion),
          timestamp("evaluated_at", "when", TestLoss::evaluatedAt));

  public TestLoss {
    requireNonNull(sweep, "sweep");
    requireNonNull(trialId, "trialId");
    requireNonNull(engine, "engine");
    requireNonNull(codeVersion, "codeVersion");
    requireNonNull(evaluatedAt, "evaluatedAt");
  }
}
