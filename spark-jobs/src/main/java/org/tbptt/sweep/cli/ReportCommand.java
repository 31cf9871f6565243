package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.Report;
import org.tbptt.sweep.analysis.ReportFile;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.run.SweepActivity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a sweep's results as one HTML file with charts, which needs no network.",
      "Prints the file's path."
    })
final class ReportCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "SWEEP",
      arity = "0..1",
      description = "The sweep's name. Default: the one that was run last.")
  private Optional<String> sweep;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where to write it. Default: report.html in the results' folder.")
  private Optional<String> output;

  @Option(
      names = "--watch",
      description = {
        "Update the file every few seconds until the sweep's last trial has ended and no driver runs"
            + " it; an open page reloads itself."
      })
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description =
          "How often --watch looks for new results. No effect without it. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (every < 1) {
      throw new ParameterException(
          spec.commandLine(), "--every = " + every + ": must be at least 1");
    }
    try (Session session = Session.forReading("report")) {
      return session.call(spec, this::report);
    }
  }

  private int report(SparkSession spark) throws InterruptedException {
    ResultsStore store = results.existing(spark);
    ReportFile file =
        new ReportFile(
            output.orElse(store + "/report.html"), spark.sparkContext().hadoopConfiguration());
    Optional<SweepActivity> activity = Optional.empty();
    Optional<String> name = sweep;
    if (watch) { // the same one to the end
      String watched = retried(spark, store, queries -> SweepState.find(queries, sweep)).name();
      activity = Optional.of(new SweepActivity(store, watched));
      name = Optional.of(watched);
    }
    boolean goesOn = write(spark, store, file, name, activity);
    PrintWriter out = spec.commandLine().getOut();
    out.println(file);
    out.flush();
    while (goesOn) {
      TimeUnit.SECONDS.sleep(every);
      goesOn = write(spark, store, file, name, activity);
    }
    return TbpttSweep.DONE;
  }

  /**
   * Returns whether there may be something new later.
   *
   * @param activity of a sweep that is watched
   */
  private boolean write(
      SparkSession spark,
      ResultsStore store,
      ReportFile file,
      Optional<String> name,
      Optional<SweepActivity> activity) {
    // Before the tables are read: what is written between the two is in the next report. A rerun of
    // trials that failed begins with all of them ended.
    boolean runs = activity.filter(SweepActivity::isRunning).isPresent();
    return retried(
        spark,
        store,
        queries -> {
          SweepState state = SweepState.find(queries, name);
          boolean goesOn = watch && (runs || state.ended() < state.planned());
          OptionalInt reload = goesOn ? OptionalInt.of(every) : OptionalInt.empty();
          file.write(Report.of(queries, state, reload).html());
          return goesOn;
        });
  }

  private static <T> T retried(
      SparkSession spark, ResultsStore store, Function<Queries, T> function) {
    return Queries.retried(() -> new Queries(spark, store), function);
  }
}
