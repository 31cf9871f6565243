package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.baseline.Baseline;
import org.tbptt.model.baseline.Baselines;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

class CorpusBaselinesTest {

  @TempDir private Path folder;

  @Test
  void aSweepOverTextHasThemFromItsFirstRunOn() throws Exception {
    Plan plan = plan("baselines = true");

    run(plan);

    List<Row> rows = store().table(Tables.BASELINES).collectAsList();
    assertThat(rows)
        .extracting(row -> row.<String>getAs("model"))
        .containsExactly("uniform", "unigram", "bigram", "5-gram");
    assertThat(rows).allMatch(row -> row.getAs("corpus_id").equals(plan.corpus().id()));
    assertThat(rows)
        .extracting(row -> row.<Double>getAs("valid_loss"))
        .containsExactlyElementsOf(
            Baselines.of(plan.corpus()).stream().map(Baseline::validLoss).toList());
    Path file = folder.resolve("results/baselines/sweep=text/" + plan.corpus().id() + ".parquet");
    Object first = Files.getLastModifiedTime(file);

    run(plan("baselines = true"));

    assertThat(Files.getLastModifiedTime(file)).isEqualTo(first);
  }

  @Test
  void aSweepThatDoesNotWantThemHasNone() throws Exception {
    Plan plan = plan("baselines = false");

    run(plan);

    assertThat(store().table(Tables.BASELINES).count()).isZero();
    assertThat(CorpusBaselines.of(plan, store())).isEmpty();
    assertThat(CorpusBaselines.problem(plan)).isEmpty();
  }

  private void run(Plan plan) throws InterruptedException {
    List<SweepEvent> events = new ArrayList<>();
    SparkSession spark = LocalSpark.session();
    new SweepRunner(JavaSparkContext.fromSparkContext(spark.sparkContext()), store(), "test")
        .run(
            plan,
            event -> {
              events.add(event);
              if (event instanceof SweepEvent.SweepStarted) { // a live page reads them then
                assertThat(store().baselines("text", plan.corpus().id()))
                    .hasSize(plan.config().baselines() ? 4 : 0);
              }
            });
    assertThat(events).hasAtLeastOneElementOfType(SweepEvent.SweepStarted.class);
    assertThat(events).noneMatch(SweepEvent.NoBaselines.class::isInstance);
  }

  private Plan plan(String setting) throws Exception {
    Path text =
        Files.writeString(
            folder.resolve("text.txt"), "the cat sat on the mat\nthe dog sat\n".repeat(40));
    Path conf =
        Files.writeString(
            folder.resolve("text.conf"),
            """
            sweep {
              name = text
              %s
              corpus { kind = text, train = "%s", valid = "%s", test = "%s" }
              grid { truncation = {bptt-steps = 5, seq-len = 5}, style = tf, learning-rate = 0.01 }
              model { state-size = 4, embed-size = 4 }
              training { epochs = 1, batch-size = 10 }
            }
            """
                .formatted(setting, text, text, text));
    SweepConfig config = SweepConfig.load(conf, List.of());
    Corpus corpus = config.loadCorpus();
    return Plan.of(config, Grid.expand(config), corpus, store(), false);
  }

  private ResultsStore store() {
    return new ResultsStore(LocalSpark.session(), folder.resolve("results").toString());
  }
}
