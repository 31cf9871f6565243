package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.sweep.models.NamedTrial;
import org.tbptt.sweep.models.TestEvaluation;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TestLoss;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Computes the test loss of a trial's kept model twice: with the native core (if it was not"
          + " built, in ND4J operations), and with DL4J on Spark (for a GRU, which DL4J lacks, in ND4J"
          + " operations).",
      "If both agree, the loss is written to the table test_losses and shown in trials.test_loss."
    })
final class EvaluateCommand implements Callable<Integer> {

  /** The largest difference that rounding to single precision explains, nats per token. */
  private static final double TOLERANCE = 1e-4;

  @Mixin private TrialArguments trial;
  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Session session = Session.forTraining("evaluate")) {
      return session.call(spec, this::evaluate);
    }
  }

  private int evaluate(SparkSession spark) {
    TrialArguments.requireEngine();
    NamedTrial named = trial.find(() -> results.queries(spark));
    ResultsStore store = results.open(spark);
    try (StoredModel model = named.model(store.models())) {
      Corpus corpus = named.sameCorpus(model);
      TestEvaluation test = new TestEvaluation(model, corpus);
      TestEvaluation.ByEngine engine = test.byEngine();
      TestEvaluation.ByEngine second =
          test.bySecond(JavaSparkContext.fromSparkContext(spark.sparkContext()));
      store.put(agreed(named, model, engine, second));
      print(named, model.card().epoch(), engine, second);
    }
    return TbpttSweep.DONE;
  }

  private static TestLoss agreed(
      NamedTrial named,
      StoredModel model,
      TestEvaluation.ByEngine engine,
      TestEvaluation.ByEngine second) {
    double loss = engine.evaluation().meanLoss();
    double secondLoss = second.evaluation().meanLoss();
    if (!(Math.abs(loss - secondLoss) <= TOLERANCE)) {
      throw new ResultsException(
          "trial %s: the test loss is %s by %s and %s by %s; they must agree within %s; nothing is written"
              .formatted(
                  named.trialId(),
                  loss,
                  engine.engine(),
                  secondLoss,
                  second.engine(),
                  BigDecimal.valueOf(TOLERANCE).toPlainString()));
    }
    return new TestLoss(
        named.sweep(),
        named.trialId(),
        loss,
        engine.engine(),
        second.engine().equals(TestEvaluation.DL4J) ? secondLoss : null,
        engine.evaluation().counted(),
        model.card().epoch().epoch(),
        Version.code(),
        Instant.now());
  }

  private void print(
      NamedTrial named,
      EpochMetrics epoch,
      TestEvaluation.ByEngine engine,
      TestEvaluation.ByEngine second) {
    PrintWriter out = spec.commandLine().getOut();
    double loss = engine.evaluation().meanLoss();
    line(
        out,
        "trial        %s of sweep %s, epoch %d",
        named.trialId(),
        named.sweep(),
        epoch.epoch());
    line(out, "validation   %.4f nats per token", epoch.validLoss());
    line(
        out,
        "test         %.4f nats per token, perplexity %.2f, %,d tokens",
        loss,
        Math.exp(loss),
        engine.evaluation().counted());
    line(out, "by %-9s %.6f", engine.engine(), loss);
    line(out, "by %-9s %.6f", second.engine(), second.evaluation().meanLoss());
    out.flush();
  }

  private static void line(PrintWriter out, String line, Object... values) {
    out.println(String.format(Locale.ROOT, line, values));
  }
}
