package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.analysis.Comparison;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the lowest validation loss of every setting of a sweep.",
      "One row per truncation, one column per learning rate. With several seeds: mean and standard"
          + " error, and style against style with a confidence interval.",
      "For a search, or a grid that varies two or more further settings, it also prints the ten"
          + " best trials, the lowest loss so far by trials and epochs, and how much each setting"
          + " matters (docs/importance.md)."
    })
final class CompareCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "SWEEP",
      arity = "0..1",
      description = "The sweep's name. Default: the one that was run last.")
  private Optional<String> sweep;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Session session = Session.forReading("compare")) {
      return session.call(spec, this::compare);
    }
  }

  private int compare(SparkSession spark) {
    Comparison comparison =
        Queries.retried(
            () -> results.queries(spark),
            queries -> Comparison.of(queries, SweepState.find(queries, sweep)));
    PrintWriter out = spec.commandLine().getOut();
    comparison.lines().forEach(out::println);
    out.flush();
    return TbpttSweep.DONE;
  }
}
