package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.Report;
import org.tbptt.sweep.analysis.ReportFile;
import org.tbptt.sweep.analysis.SweepState;
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
        "Update the file every few seconds until the sweep's last trial has ended; an open page"
            + " reloads itself."
      })
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How often --watch looks for new results. Default: ${DEFAULT-VALUE}.")
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
    ReportFile file =
        new ReportFile(
            output.orElse(results.open(spark) + "/report.html"),
            spark.sparkContext().hadoopConfiguration());
    SweepState state = write(spark, file);
    PrintWriter out = spec.commandLine().getOut();
    out.println(file);
    out.flush();
    while (watch && state.ended() < state.planned()) {
      TimeUnit.SECONDS.sleep(every);
      state = write(spark, file);
    }
    return TbpttSweep.DONE;
  }

  private SweepState write(SparkSession spark, ReportFile file) {
    return Queries.retried(() -> results.queries(spark), queries -> write(queries, file));
  }

  private SweepState write(Queries queries, ReportFile file) {
    SweepState state = SweepState.find(queries, sweep);
    boolean unfinished = state.ended() < state.planned();
    file.write(
        Report.of(queries, state, watch && unfinished ? OptionalInt.of(every) : OptionalInt.empty())
            .html());
    return state;
  }
}
