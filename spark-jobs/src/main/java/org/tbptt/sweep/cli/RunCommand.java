package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.analysis.Comparison;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.SweepRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Trains every trial of a sweep that is not in the tables yet, and compares them.",
      "Stopped half-way, the same command goes on with the trials that are missing."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin private ConfArguments conf;
  @Mixin private ResultsOption results;

  @Option(names = "--retry-failed", description = "Run trials again that ended with status FAILED.")
  private boolean retryFailed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    SweepConfig config = conf.load();
    // What cannot be is found before anything is started.
    Grid grid = Grid.expand(config);
    requireEngines(grid);
    Corpus corpus = config.corpus().load();
    PrintWriter out = spec.commandLine().getOut();
    try (SparkSession spark = Session.forTraining(config.name())) {
      ResultsStore store = results.open(spark);
      Plan plan = Plan.of(config, grid, corpus, store, retryFailed);
      ProgressLines progress = new ProgressLines(spec.commandLine().getErr(), store);
      new SweepRunner(
              JavaSparkContext.fromSparkContext(spark.sparkContext()), store, Version.code())
          .run(plan, progress);

      Queries queries = new Queries(spark, store);
      SweepState state = SweepState.find(queries, Optional.of(config.name()));
      Comparison.of(queries, state).lines().forEach(out::println);
      progress.ended(state);
      return state.failed() > 0 ? TbpttSweep.SOME_FAILED : TbpttSweep.DONE;
    }
  }

  private static void requireEngines(Grid grid) {
    try {
      grid.trials().forEach(trial -> trial.training().engine().require());
    } catch (UnsupportedOperationException notHere) {
      throw new InvalidConfException(notHere.getMessage());
    }
  }
}
