package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.joining;

import java.io.IOError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.analysis.Comparison;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
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
      "Trains every trial of a sweep that is not in the tables yet, and compares them.",
      "Stopped half-way, the same command goes on with the trials that are missing."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin private ConfArguments conf;
  @Mixin private ResultsOption results;

  @Option(names = "--retry-failed", description = "Run trials again that ended with status FAILED.")
  private boolean retryFailed;

  @Option(names = "--quiet", description = "Tell of problems only.")
  private boolean quiet;

  @Option(
      names = "--checkpoint-interval",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = {
        "How often at most a trial is kept inside an epoch, to go on from after an interruption."
            + " Default: ${DEFAULT-VALUE}."
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
    // What cannot be is found before anything is started.
    Grid grid = Grid.expand(config);
    requireEngines(grid);
    Corpus corpus = config.corpus().load();
    try (Session session = Session.forTraining(config.name())) {
      SparkSession spark = session.spark();
      StopSignals signals = StopSignals.interruptingThisThread();
      try {
        return run(spark, config, grid, corpus);
      } catch (Exception | IOError failure) {
        // The terminal, too, may be what is interrupted: an IOError.
        Thread.interrupted(); // closing Spark is not to be interrupted, too
        if (!signals.explain(failure)) {
          throw failure;
        }
        return stopped();
      }
    }
  }

  private int run(SparkSession spark, SweepConfig config, Grid grid, Corpus corpus)
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
        runner.run(plan, display);
      }
    } else {
      runner.run(plan, progress);
    }

    Queries queries = new Queries(spark, store);
    SweepState state = SweepState.find(queries, Optional.of(config.name()));
    PrintWriter out = spec.commandLine().getOut();
    Comparison.of(queries, state).lines().forEach(out::println);
    out.flush();
    Set<String> failed = store.trialIds(config.name(), Set.of(TrialStatus.FAILED));
    failed.retainAll(plan.trials().stream().map(PlannedTrial::id).toList());
    progress.ended(failed.size());
    return !failed.isEmpty() ? TbpttSweep.SOME_FAILED : TbpttSweep.DONE;
  }

  private int stopped() {
    List<String> words = spec.commandLine().getParent().getParseResult().originalArgs();
    printError(
        "stopped; to go on: ./submit.sh "
            + words.stream().map(RunCommand::quoted).collect(joining(" ")));
    return TbpttSweep.STOPPED;
  }

  /** As a shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private void printError(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  /** The terminal that this program was started on, if it was and can move its cursor. */
  private Optional<Terminal> terminal() {
    if (quiet) {
      return Optional.empty();
    }
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .system(true)
              .dumb(false)
              .nativeSignals(false) // Ctrl-C is StopSignals' affair
              .systemOutput(TerminalBuilder.SystemOutput.SysErr)
              .build();
      return Optional.of(terminal).filter(each -> each.getWidth() > 0);
    } catch (IOException | IllegalStateException none) {
      return Optional.empty();
    }
  }

  private static void requireEngines(Grid grid) {
    try {
      grid.trials().forEach(trial -> trial.training().engine().require(trial.model()));
    } catch (UnsupportedOperationException notHere) {
      throw new InvalidConfException(notHere.getMessage());
    }
  }
}
