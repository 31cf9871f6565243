package org.tbptt.sweep.results;

import static java.util.Objects.requireNonNull;
import static org.tbptt.sweep.results.Column.number;
import static org.tbptt.sweep.results.Column.string;

import java.util.List;
import org.apache.parquet.example.data.Group;
import org.tbptt.model.baseline.Baseline;

/** How well a sweep's corpus is predicted by a model without a network. */
public record CorpusBaseline(String sweep, String corpusId, Baseline baseline) {

  static final List<Column<CorpusBaseline>> COLUMNS =
      List.of(
          string("corpus_id", "kind and hash of the corpus", CorpusBaseline::corpusId),
          string("model", "uniform, unigram, bigram or 5-gram", row -> row.baseline().model()),
          number(
              "valid_loss",
              "loss on the validation stream, nats per token",
              row -> row.baseline().validLoss()),
          number(
              "test_loss",
              "loss on the test stream, nats per token",
              row -> row.baseline().testLoss()));

  /** Of a row of the table's file. */
  static Baseline of(Group row) {
    return new Baseline(
        row.getString("model", 0), row.getDouble("valid_loss", 0), row.getDouble("test_loss", 0));
  }

  public CorpusBaseline {
    requireNonNull(sweep, "sweep");
    requireNonNull(corpusId, "corpusId");
    requireNonNull(baseline, "baseline");
  }
}
