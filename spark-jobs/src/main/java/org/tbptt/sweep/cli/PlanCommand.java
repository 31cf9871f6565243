package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.joining;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.baseline.Baseline;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.sweep.analysis.TextTable;
import org.tbptt.sweep.config.Count;
import org.tbptt.sweep.config.SettingNames;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.run.CorpusBaselines;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepRunner;
import org.tbptt.sweep.run.TimeEstimate;
import org.tbptt.sweep.run.TrialMemory;
import org.tbptt.sweep.search.Budget;
import org.tbptt.sweep.search.Search;
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
      "Shows what run would train without sweep.budget; trains and writes nothing.",
      "Prints the corpus, every trial, the points of the grid that are the same computation, which"
          + " trials are done, the memory that a trial needs and an estimate of the time."
    })
final class PlanCommand implements Callable<Integer> {

  private static final int MOST_RUNGS = 8;

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
    Corpus corpus = config.loadCorpus();
    try (Session session = Session.forReading(config.name())) {
      return session.call(spec, spark -> plan(spark, config, grid, corpus));
    }
  }

  private int plan(SparkSession spark, SweepConfig config, Grid grid, Corpus corpus) {
    ResultsStore store = results.open(spark);
    Plan plan = Plan.of(config, grid, corpus, store, false);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int these = slots != null ? slots : Math.max(1, SweepRunner.slots(context));
    print(plan, CorpusBaselines.of(plan, store), these, SweepRunner.threads(context));
    return TbpttSweep.DONE;
  }

  private void print(Plan plan, List<Baseline> baselines, int slots, int threads) {
    PrintWriter out = spec.commandLine().getOut();
    Corpus corpus = plan.corpus();
    int missing = plan.toDo();
    print(
        out,
        "sweep   %s: %s, %d of them done",
        plan.config().name(),
        plan.config().search().isGrid()
            ? Count.of(plan.grid().points(), "point")
                + " of the grid, "
                + Count.of(plan.total(), "trial")
            : Count.of(plan.total(), "candidate") + " of a " + kind(plan) + " search",
        plan.total() - missing);
    print(
        out,
        "corpus  %s: %,d words; %,d / %,d / %,d tokens to train, validate, test",
        corpus.id(),
        corpus.vocabulary().size(),
        corpus.train().tokens(),
        corpus.valid().tokens(),
        corpus.test().tokens());
    CorpusBaselines.problem(plan).ifPresent(reason -> print(out, "        %s", reason));
    if (!baselines.isEmpty()) {
      print(out, "        validation loss without a network: %s", text(baselines));
    }
    int together = Math.min(slots, most(plan));
    print(
        out,
        "to do   %s, %,d tokens%s; %d at a time, %s",
        Count.of(missing, "trial"),
        plan.missing().stream().mapToLong(trial -> trial.tokens(corpus)).sum(),
        plan.missing().size() == missing
            ? ""
            : " of the %d that are known".formatted(plan.missing().size()),
        together,
        Count.of((missing - 1L + together) / together, "wave"));
    if (together < slots) {
      print(
          out,
          "slots   %d of %d stay idle after the first %d candidates: then at most %d train at a time (sweep.search.parallel)",
          slots - together,
          slots,
          Math.max(together, plan.config().search().startup()),
          together);
    }
    if (plan.rule().isOn()) {
      print(out, "rungs   %s", rungs(plan));
    }
    if (plan.rule().isOn() || !plan.config().search().isGrid()) {
      print(out, "epochs  %s", epochs(plan));
    }
    Budget budget = plan.config().budget();
    if (budget.epochs() > 0) {
      print(out, "budget  no trial starts after %,d epochs (sweep.budget.epochs)", budget.epochs());
    }
    if (budget.hours() > 0) {
      print(out, "budget  no trial starts after %s (sweep.budget.hours)", budget.hoursInWords());
    }
    if (missing > 0) {
      print(
          out,
          "memory  up to %,d MB outside the heap for a trial",
          megabytes(TrialMemory.largest(plan)));
      time(plan, together, threads).forEach(line -> print(out, "time    %s", line));
    }
    plan.merged().forEach(merged -> print(out, "merged  %s", merged.words()));
    out.println();
    // The labels show only the settings in which trials differ.
    TextTable table = new TextTable(List.of("trial", "tokens", "status", "settings"));
    plan.trials().forEach(trial -> table.add(line(trial, plan)));
    table.lines().forEach(out::println);
    out.flush();
  }

  private static String text(List<Baseline> baselines) {
    return baselines.stream()
        .map(of -> String.format(Locale.ROOT, "%s %.3f", of.model(), of.validLoss()))
        .collect(joining(", "));
  }

  private static String kind(Plan plan) {
    return SettingNames.word(plan.config().search().kind());
  }

  /** Trials that the search lets train at a time. */
  private static int most(Plan plan) {
    Search search = plan.config().search();
    return search.kind() == Search.Kind.TPE ? search.parallel() : Integer.MAX_VALUE;
  }

  /** Such as "successive-halving after 1, 3, 9 epochs", of the trials with the most epochs. */
  private static String rungs(Plan plan) {
    int most = longest(plan);
    List<Integer> epochs = plan.rule().epochsBefore(most);
    boolean each = epochs.size() > MOST_RUNGS && epochs.size() == most - epochs.get(0);
    String shown =
        each
            ? "each epoch from %d to %d".formatted(epochs.get(0), most - 1)
            : epochs.stream().map(String::valueOf).collect(joining(", ")) + " epochs";
    return epochs.isEmpty()
        ? plan.rule().word() + ": none before the last epoch, nothing is stopped"
        : plan.rule().word() + " after " + shown;
  }

  private static String epochs(Plan plan) {
    int longest = longest(plan);
    int unknown = plan.total() - plan.trials().size();
    long most = epochsOf(plan.trials()).asLongStream().sum() + (long) unknown * longest;
    OptionalLong likely = plan.rule().likelyEpochs(plan.total(), longest);
    boolean alike = most == (long) longest * plan.total();
    String all = String.format(Locale.ROOT, "at most %,d of all trials together", most);
    return likely.isPresent() && alike
        ? all + String.format(Locale.ROOT, ", likely about %,d", likely.getAsLong())
        : all;
  }

  private static int longest(Plan plan) {
    return plan.grid().trials().stream().mapToInt(spec -> spec.training().epochs()).max().orElse(0);
  }

  private static IntStream epochsOf(List<PlannedTrial> trials) {
    return trials.stream().mapToInt(trial -> trial.spec().training().epochs());
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private static List<String> time(Plan plan, int slots, int threads) {
    try {
      double known = (double) plan.toDo() / plan.missing().size(); // the others are like those
      return lines(TimeEstimate.measured(plan, slots, threads).times(known));
    } catch (RuntimeException | LinkageError | OutOfMemoryError cannotTrain) {
      // no engine here, no room for its libraries, or not enough memory
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
                    "about %s with training.precision = bf16, on this machine's AMX; these would be other trials, with slightly different losses"
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
