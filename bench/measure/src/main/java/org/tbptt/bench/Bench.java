package org.tbptt.bench;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tbptt.bench.Contestant.ContestException;
import org.tbptt.model.core.Precision;
import org.tbptt.model.nativecore.NativeLibrary;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Measures everything in one run and writes report.json and report.md; run.sh starts it. */
@CommandLine.Command(name = "bench")
public final class Bench implements Runnable {

  @Option(names = "--rounds", required = true)
  private int rounds;

  @Option(names = "--turn-seconds", required = true)
  private double turnSeconds;

  @Option(names = "--output", required = true, description = "folder of the report")
  private Path output;

  @Option(names = "--native", required = true, description = "folder of bench_core and bench_loop")
  private Path nativePrograms;

  @Option(names = "--pytorch-classpath", description = "without it libtorch is left out")
  private String pytorchClasspath;

  @Option(
      names = "--only",
      description = "measures only rows whose name contains this, such as native bf16 tf 20")
  private String only;

  private final Map<String, String> versions = new LinkedHashMap<>();
  private final Map<String, String> notMeasured = new LinkedHashMap<>();
  private final List<Contestant> contestants = new ArrayList<>();
  private final List<AutoCloseable> programs = new ArrayList<>();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }

  @Override
  public void run() {
    try {
      versions.put("native", NativeLibrary.version() + " " + NativeLibrary.instructionSet());
      addOwn();
      addPrograms();
      addSlow();
      leaveOut();
      Contest contest = new Contest(turnSeconds);
      contest.run(contestants, rounds);
      write(report(contest));
    } catch (IOException unwritable) {
      throw new CommandLine.ExecutionException(new CommandLine(this), unwritable.toString());
    } finally {
      contestants.forEach(Contestant::close);
      programs.forEach(Bench::close);
    }
  }

  private void addOwn() {
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      for (Workload workload : Workloads.LANGUAGE_MODEL) {
        contestants.add(CoreContestant.ofNative(workload, precision));
      }
    }
    for (List<Workload> group :
        List.of(Workloads.TIMING_TEST, Workloads.SMALL_VOCABULARY, Workloads.GATED)) {
      for (Workload workload : group) {
        contestants.add(CoreContestant.ofNative(workload, Precision.FP32));
      }
    }
    for (Workload workload : Workloads.GATED_ONE_PASS) {
      contestants.add(CoreContestant.ofNative(workload, Precision.BF16));
    }
  }

  private void addPrograms() {
    List<Precision> precisions = List.of(Precision.FP32, Precision.BF16);
    add(
        "c++",
        List.of(nativePrograms.resolve("bench_loop").toString()),
        Map.of(),
        List.of(Workloads.TF_20),
        precisions);
    if (pytorchClasspath == null) {
      notMeasured.put("libtorch", "bench/pytorch was not built");
    } else {
      // Freed memory is kept: by default glibc gives a window's logits back to the system each time
      // and has it clear them again for the next.
      Map<String, String> environment =
          Map.of(
              "MALLOC_MMAP_THRESHOLD_", "1073741824",
              "MALLOC_TRIM_THRESHOLD_", "8589934592",
              "MALLOC_ARENA_MAX", "1");
      List<String> command =
          java("-Xmx512m", "-cp", pytorchClasspath, "org.tbptt.bench.pytorch.TorchBench");
      add("libtorch", command, environment, Workloads.ONE_PASS, precisions);
      for (Workload workload : Workloads.GATED_ONE_PASS) {
        add("libtorch", command, environment, List.of(workload), precisions);
      }
    }
  }

  private void add(
      String engine,
      List<String> command,
      Map<String, String> environment,
      List<Workload> workloads,
      List<Precision> precisions) {
    try {
      String sizes = workloads.get(0).name().replaceAll("\\W+", "-");
      Path log = output.resolve(engine + "-" + sizes + ".log");
      Program program =
          new Program(engine, new ArrayList<>(command), environment, workloads.get(0), log);
      programs.add(program);
      versions.put(engine, program.version());
      for (Precision precision : precisions) {
        for (Workload workload : workloads) {
          contestants.add(program.contestant(workload, precision));
        }
      }
    } catch (ContestException missing) {
      notMeasured.put(engine, missing.getMessage());
    }
  }

  private void addSlow() throws IOException {
    for (Workload workload : List.of(Workloads.TF_20, Workloads.TRUE_5_OF_20)) {
      contestants.add(CoreContestant.ofNd4j(workload));
    }
    for (Workload workload : Workloads.ONE_PASS) {
      contestants.add(new Dl4jContestant(workload));
    }
    contestants.add(new Dl4jContestant(Workloads.LSTM_200));
    versions.put("nd4j and dl4j", Dl4jContestant.version());
  }

  private void leaveOut() {
    List<Contestant> others =
        contestants.stream().filter(each -> only != null && !isWanted(each)).toList();
    contestants.removeAll(others);
    others.forEach(Contestant::close);
    if (contestants.isEmpty()) {
      throw new ParameterException(
          new CommandLine(this), "--only = " + only + ": no row's name contains it");
    }
  }

  private boolean isWanted(Contestant contestant) {
    return contestant.row().toString().contains(only);
  }

  private Report report(Contest contest) {
    contest.failures().forEach((row, why) -> notMeasured.put(row.toString(), why));
    List<TrialMemory> memories = only == null ? memories() : List.of();
    List<Phases> phases = only == null ? phases() : List.of();
    List<Bar> bars =
        Bars.of(contest, memories).stream()
            .filter(bar -> only == null || bar.measured() != null)
            .toList();
    return new Report(
        Processor.name(),
        versions,
        contest.peak(),
        rounds,
        turnSeconds,
        contest.results().stream().map(Report.ReportRow::of).toList(),
        notMeasured,
        bars,
        LagProduct.of(contest),
        memories,
        phases);
  }

  private List<Phases> phases() {
    Path benchCore = nativePrograms.resolve("bench_core");
    return optional("phases", () -> Phases.measure(benchCore)).orElse(List.of());
  }

  private List<TrialMemory> memories() {
    List<TrialMemory> memories = new ArrayList<>();
    for (Workload workload : TrialMemory.WORKLOADS) {
      String name = workload.name();
      optional("memory of a trial, " + name, () -> memory(name)).ifPresent(memories::add);
    }
    return memories;
  }

  private static TrialMemory memory(String workload) {
    List<String> command =
        java(
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-Dorg.bytedeco.javacpp.maxbytes=8g",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=16g",
            "-cp",
            System.getProperty("java.class.path"),
            TrialMemory.class.getName(),
            workload);
    // Freed memory goes back to the system at once: what glibc keeps of it is not the trial's.
    command.addAll(0, List.of("env", "MALLOC_MMAP_THRESHOLD_=1048576"));
    List<String> lines = Output.of(command.toArray(String[]::new));
    String[] words = lines.get(lines.size() - 1).split(" ", -1);
    return new TrialMemory(workload, Long.parseLong(words[0]), Long.parseLong(words[1]));
  }

  private <T> Optional<T> optional(String what, Supplier<T> measurement) {
    try {
      return Optional.of(measurement.get());
    } catch (RuntimeException failed) {
      notMeasured.put(what, failed.getMessage());
      return Optional.empty();
    }
  }

  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private void write(Report report) throws IOException {
    String markdown = Markdown.of(report);
    Files.writeString(output.resolve("report.md"), markdown);
    Files.writeString(
        output.resolve("report.json"),
        new GsonBuilder().setPrettyPrinting().create().toJson(report) + "\n");
    System.out.print(markdown);
  }

  private static void close(AutoCloseable program) {
    try {
      program.close();
    } catch (Exception leftOver) {
      System.err.println(leftOver);
    }
  }
}
