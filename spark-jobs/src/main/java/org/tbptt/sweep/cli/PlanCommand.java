package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.analysis.TextTable;
import org.tbptt.sweep.config.Count;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepRunner;
import org.tbptt.sweep.run.TimeEstimate;
import org.tbptt.sweep.run.TrialMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what run would train; trains and writes nothing.",
      "Prints the corpus, every trial, the points of the grid that are the same computation, and"
          + " which trials are done."
    })
final class PlanCommand implements Callable<Integer> {

  @Mixin private ConfArguments conf;
  @Mixin private ResultsOption results;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Trials that train at the same time. Default: the slots of this Spark.")
  private Integer slots;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (slots != null && slots < 1) {
      throw new ParameterException(spec.commandLine(), "--slots " + slots + ": must be at least 1");
    }
    SweepConfig config = conf.load();
    Grid grid = Grid.expand(config);
    Corpus corpus = config.corpus().load();
    try (Session session = Session.forReading(config.name())) {
      SparkSession spark = session.spark();
      Plan plan = Plan.of(config, grid, corpus, results.open(spark), false);
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      int these = slots != null ? slots : Math.max(1, SweepRunner.slots(context));
      print(plan, these, SweepRunner.threads(context));
    }
    return TbpttSweep.DONE;
  }

  private void print(Plan plan, int slots, int threads) {
    PrintWriter out = spec.commandLine().getOut();
    Corpus corpus = plan.corpus();
    int trials = plan.trials().size();
    int missing = plan.missing().size();
    print(
        out,
        "sweep   %s: %s of the grid, %s, %d of them done",
        plan.config().name(),
        Count.of(plan.grid().points(), "point"),
        Count.of(trials, "trial"),
        trials - missing);
    print(
        out,
        "corpus  %s: %,d words; %,d / %,d / %,d tokens to train, validate, test",
        corpus.id(),
        corpus.vocabulary().size(),
        corpus.train().tokens(),
        corpus.valid().tokens(),
        corpus.test().tokens());
    print(
        out,
        "to do   %s, %,d tokens; %d at a time, %s",
        Count.of(missing, "trial"),
        plan.missing().stream().mapToLong(trial -> trial.tokens(corpus)).sum(),
        slots,
        Count.of((missing - 1L + slots) / slots, "wave"));
    if (missing > 0) {
      print(
          out,
          "memory  up to %,d MB outside the heap for a trial",
          megabytes(TrialMemory.largest(plan)));
      time(plan, slots, threads).forEach(line -> print(out, "time    %s", line));
    }
    plan.grid().merged().forEach(merged -> print(out, "merged  %s", merged.words()));
    out.println();
    // The labels show only the settings in which trials differ.
    TextTable table = new TextTable(List.of("trial", "tokens", "status", "settings"));
    plan.trials().forEach(trial -> table.add(line(trial, plan)));
    table.lines().forEach(out::println);
    out.flush();
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private static List<String> time(Plan plan, int slots, int threads) {
    try {
      return lines(TimeEstimate.measured(plan, slots, threads));
    } catch (RuntimeException | OutOfMemoryError cannotTrain) { // no engine, or not enough memory
      return List.of("not known: " + cannotTrain.getMessage());
    }
  }

  static List<String> lines(TimeEstimate.Measured measured) {
    List<String> lines = new ArrayList<>();
    TimeEstimate estimate = measured.planned();
    lines.add(
        "about %s if every slot is as fast as this machine, measured for half a second; %s of computing in total"
            .formatted(duration(estimate.seconds()), duration(estimate.slotSeconds())));
    measured
        .bf16()
        .ifPresent(
            bf16 ->
                lines.add(
                    "about %s with training.precision = bf16, by this machine's AMX; another precision: other losses, and trials of their own"
                        .formatted(duration(bf16.seconds()))));
    return lines;
  }

  /** Such as "45 s", "12 min" or "3.5 h". */
  private static String duration(double seconds) {
    if (seconds < 90) {
      return String.format(Locale.ROOT, "%.0f s", Math.max(1, seconds));
    }
    return seconds < 90 * 60
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  private static List<String> line(PlannedTrial trial, Plan plan) {
    return List.of(
        trial.id(),
        String.format(Locale.ROOT, "%,d", trial.tokens(plan.corpus())),
        plan.isDone(trial) ? "done" : "to do",
        trial.label());
  }

  private static void print(PrintWriter out, String line, Object... values) {
    out.println(String.format(Locale.ROOT, line, values));
  }
}
