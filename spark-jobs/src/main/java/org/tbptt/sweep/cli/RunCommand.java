package org.tbptt.sweep.cli;

import java.io.IOError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.analysis.Comparison;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialEnding;
import org.tbptt.sweep.run.ExecutorWait;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.SweepRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Trains the trials of a sweep that are not in the tables yet, and compares the results.",
      "Run the same command again to resume a sweep that was stopped."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin private ConfArguments conf;
  @Mixin private ResultsOption results;
  @Mixin private ServeOption serve;

  @Option(names = "--retry-failed", description = "Retry trials that ended with status FAILED.")
  private boolean retryFailed;

  @Option(names = "--quiet", description = "Print only problems and the comparison at the end.")
  private boolean quiet;

  @Option(
      names = "--checkpoint-interval",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = {
        "The least time between two checkpoints of a trial within an epoch. An interrupted trial"
            + " resumes from its newest checkpoint. Default: ${DEFAULT-VALUE}."
      })
  private int checkpointInterval;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (checkpointInterval < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--checkpoint-interval " + checkpointInterval + ": must be at least 1 second");
    }
    SweepConfig config = conf.load();
    // Impossible settings are found before anything starts.
    Grid grid = Grid.expand(config);
    requireEngines(grid);
    Corpus corpus = config.loadCorpus();
    try (ServedPage page = new ServedPage(serve.start());
        Session session = Session.forTraining(config.name())) {
      StopSignals signals = StopSignals.interruptingThisThread();
      try {
        return session.call(spark -> run(spark, config, grid, corpus, page));
      } catch (Exception | IOError failure) {
        // An interrupted terminal throws an IOError.
        Thread.interrupted(); // closing Spark must not be interrupted, too
        if (signals.explain(failure)) {
          return stopped();
        }
        throw failure;
      } finally {
        page.leave(); // while there is a Spark
      }
    }
  }

  private int run(SparkSession spark, SweepConfig config, Grid grid, Corpus corpus, ServedPage page)
      throws InterruptedException {
    ResultsStore store = results.open(spark);
    Plan plan = Plan.of(config, grid, corpus, store, retryFailed);
    ProgressLines progress = new ProgressLines(this::printError, store, quiet);
    SweepRunner runner =
        new SweepRunner(
            JavaSparkContext.fromSparkContext(spark.sparkContext()),
            store,
            Duration.ofSeconds(checkpointInterval),
            Version.code());
    Optional<Terminal> terminal = terminal();
    if (terminal.isPresent()) {
      try (ProgressDisplay display =
          new ProgressDisplay(terminal.get(), out -> new ProgressLines(out, store, false))) {
        runner.run(plan, page.showing(spark, store, display));
      }
    } else {
      runner.run(plan, page.showing(spark, store, progress));
    }
    page.ended();

    Comparison comparison = compare(spark, store, config.name());
    PrintWriter out = spec.commandLine().getOut();
    comparison.lines().forEach(out::println);
    out.flush();
    Plan now = Plan.of(config, grid, corpus, store, false); // it knows a search's candidates
    Map<String, TrialEnding> endings = store.endings(config.name());
    int failed = ended(TrialStatus.FAILED, now, endings);
    progress.ended(ended(TrialStatus.STOPPED, now, endings), failed);
    return failed > 0 ? TbpttSweep.SOME_FAILED : TbpttSweep.DONE;
  }

  private Comparison compare(SparkSession spark, ResultsStore store, String sweep) {
    try (ExecutorWait unused = Session.waiting(spark, spec)) {
      return Queries.retried(
          () -> new Queries(spark, store),
          queries -> Comparison.of(queries, SweepState.find(queries, Optional.of(sweep))));
    }
  }

  /** How many of the plan's trials ended in a way. */
  private static int ended(TrialStatus status, Plan plan, Map<String, TrialEnding> endings) {
    return (int)
        plan.trials().stream()
            .map(trial -> endings.get(trial.id()))
            .filter(ending -> ending != null && ending.status() == status)
            .count();
  }

  private int stopped() {
    printError("stopped; run the same command again to resume");
    return TbpttSweep.STOPPED;
  }

  private void printError(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  /** The terminal of this process, if it has one that can move its cursor. */
  private Optional<Terminal> terminal() {
    if (quiet) {
      return Optional.empty();
    }
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .system(true)
              .dumb(false)
              .nativeSignals(false) // StopSignals handles Ctrl-C
              .systemOutput(TerminalBuilder.SystemOutput.SysErr)
              .build();
      return Optional.of(terminal).filter(each -> each.getWidth() > 0);
    } catch (IOException | IllegalStateException none) {
      return Optional.empty();
    }
  }

  private static void requireEngines(Grid grid) {
    try {
      for (TrialSpec trial : grid.trials()) {
        trial.training().engine().require(trial.training().precision());
      }
    } catch (UnsupportedOperationException notHere) {
      throw new InvalidConfException(notHere.getMessage());
    }
  }
}
