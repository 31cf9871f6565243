package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.chaos.SweepProcess.Brake;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/**
 * Whatever happens to processes and files, the tables end up as those of a sweep to which nothing
 * has happened: the same rows, the same bits. Real processes, real signals.
 */
class ChaosIT {

  private static final int TRIALS = 4;
  private static final int EPOCHS = 12;

  /** The exit status of a process that SIGKILL ends. */
  private static final int KILLED = 128 + 9;

  private static final Map<String, String> LOCAL = Map.of("spark.master", "local[2]");
  private static final Map<String, String> TWO_EXECUTORS =
      Map.of("spark.master", "local-cluster[2,1,512]");
  private static final Map<String, String> ONE_EXECUTOR =
      Map.of("spark.master", "local-cluster[1,2,1024]");

  /** Killed at moments that another run repeats. */
  private final Random random = new Random(7);

  @TempDir private static Path shared;
  private static Path conf;
  private static List<Row> undisturbed;

  @TempDir private Path folder;
  private Path results;

  @BeforeAll
  static void runUndisturbed() throws Exception {
    conf =
        Files.writeString(
            shared.resolve("chaos.conf"),
            """
            sweep {
              name = chaos
              corpus { kind = toy, train-length = 200000, valid-length = 2000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 9, seq-len = 10}
                style = true
                learning-rate = [0.01, 0.003]
                seed = [1, 2]
              }
              model { state-size = 24, embed-size = 8, keep-prob = 0.9 }
              training { epochs = %d, batch-size = 20 }
            }
            """
                .formatted(EPOCHS));
    Path results = shared.resolve("undisturbed");
    Submission run = Submission.to(results, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    undisturbed = epochs(results);
    assertThat(undisturbed).hasSize(TRIALS * EPOCHS);
  }

  @BeforeEach
  void elsewhere() {
    results = folder.resolve("results");
  }

  @Test
  void aDriverThatIsKilledAtARandomMoment() throws Exception {
    driversAreKilledAtRandomMoments(1);
  }

  @Test
  @Tag("long")
  void driversThatAreKilledAtRandomMoments() throws Exception {
    driversAreKilledAtRandomMoments(20);
  }

  private void driversAreKilledAtRandomMoments(int times) throws Exception {
    int killed = 0;
    int sweeps = 0;
    while (killed < times) {
      results = folder.resolve("results-" + ++sweeps);
      for (boolean trains = true; trains && killed < times; ) {
        try (SweepProcess run = start(LOCAL)) {
          run.awaitOutput("chaos: ");
          trains = run.output().contains("chaos: training");
          Thread.sleep(random.nextInt(3_000));
          SweepProcess.signal("KILL", run.pid());
          killed += trains && run.exit() == KILLED ? 1 : 0;
        }
      }
      finish();
    }
    System.out.printf(
        "chaos: %d drivers killed while they trained, in %d sweeps%n", killed, sweeps);
  }

  @Test
  @Tag("long")
  void trialsOfTwoThreadsEach() throws Exception {
    finish(Map.of("spark.master", "local[2]", "spark.task.cpus", "2"));
    assertThat(
            new ResultsStore(LocalSpark.session(), results.toString())
                .table(Tables.TRIALS)
                .select("threads")
                .collectAsList())
        .allMatch(row -> row.getInt(0) == 2);
  }

  @Test
  void anExecutorThatIsKilled() throws Exception {
    try (SweepProcess run = start(TWO_EXECUTORS)) {
      run.awaitOutput("epoch 2 of");
      SweepProcess.signal("KILL", run.executors().get(0).pid());
      run.awaitOutput("is begun again");
      run.awaitOutput("[" + TRIALS + "/" + TRIALS + "]");
      // What follows is the comparison, by executors that first have to load it. The lock is given
      // back in two steps, a rename and a deletion: only then is the folder empty.
      while (!isEmpty(results.resolve("checkpoints/sweep=chaos"))) {
        Thread.sleep(20);
      }
    }
    assertUndisturbed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "SEGV"})
  @Tag("long")
  void executorsThatAreKilledEveryFewSeconds(String signal) throws Exception {
    int killed = 0;
    try (SweepProcess run = start(TWO_EXECUTORS)) {
      run.awaitOutput("chaos: training");
      while (run.isAlive()) {
        Thread.sleep(2_500 + random.nextInt(2_000));
        List<ProcessHandle> executors = run.executors();
        if (killed < 4 && !executors.isEmpty()) {
          SweepProcess.signal(signal, executors.get(random.nextInt(executors.size())).pid());
          killed++;
        }
      }
      assertThat(run.exit()).as(run.output()).isZero();
    }
    assertThat(killed).isPositive();
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void aTrialThatKillsItsExecutorThreeTimes() throws Exception {
    assertThat(aDeadlyTrialAmongOthers(TWO_EXECUTORS)).isEqualTo(3);
  }

  @Test
  @Tag("long")
  void aTrialThatKillsAnExecutorWithOthersInIt() throws Exception {
    assertThat(aDeadlyTrialAmongOthers(ONE_EXECUTOR)).isBetween(3, 6);
  }

  /** Nothing happens to the others; how often the deadly one was begun. */
  private int aDeadlyTrialAmongOthers(Map<String, String> executors) throws Exception {
    String deadly = undisturbed.get(0).getString(0);
    Map<String, String> spark = new HashMap<>(executors);
    spark.put("spark.hadoop.fs.deadly.trial", deadly);
    try (SweepProcess run =
        SweepProcess.sweep(folder, spark, "run", "" + conf, "--results", "deadly:" + results)) {
      assertThat(run.exit()).as(run.output()).isEqualTo(1);
      assertThat(run.output()).contains("1 trial failed; ");
    }
    List<Row> failed =
        new ResultsStore(LocalSpark.session(), results.toString())
            .table(Tables.TRIALS)
            .where("status = 'FAILED'")
            .select("trial_id", "attempts", "reason")
            .collectAsList();
    assertThat(failed).hasSize(1);
    int attempts = failed.get(0).getInt(1);
    assertThat(failed.get(0).getString(0)).isEqualTo(deadly);
    assertThat(failed.get(0).getString(2))
        .startsWith(
            "lost its executor %d times at the same place; the last time: ".formatted(attempts));
    assertThat(epochs(results).stream().filter(row -> !row.getString(0).equals(deadly)).toList())
        .isEqualTo(undisturbed.stream().filter(row -> !row.getString(0).equals(deadly)).toList());

    try (SweepProcess run = start(LOCAL, "--retry-failed")) {
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("chaos: training 1 of 4 trials");
    }
    assertUndisturbed();
    return attempts;
  }

  @ParameterizedTest
  @CsvSource({
    "spark.executor.extraJavaOptions, -Dorg.bytedeco.javacpp.maxphysicalbytes=50m, OutOfMemoryError",
    "spark.executorEnv.TBPTT_ISA, mmx, TBPTT_ISA=mmx",
  })
  @Tag("long")
  void executorsThatHaveNoMemoryOrNoSuchInstructions(String key, String value, String reason)
      throws Exception {
    Map<String, String> spark = new HashMap<>(TWO_EXECUTORS);
    spark.put(key, value);
    try (SweepProcess run = start(spark)) {
      assertThat(run.exit()).as(run.output()).isEqualTo(1);
      assertThat(run.output()).contains(TRIALS + " trials failed");
    }
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    assertThat(store.table(Tables.TRIALS).select("status", "reason").collectAsList())
        .hasSize(TRIALS)
        .allMatch(row -> row.getString(0).equals("FAILED"))
        .allMatch(row -> row.getString(1).contains(reason));

    try (SweepProcess run = start(LOCAL, "--retry-failed")) {
      assertThat(run.exit()).as(run.output()).isZero();
    }
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void aWorkerThatIsKilled() throws Exception {
    String url = "spark://127.0.0.1:" + freePort();
    try (SweepProcess master = master(url);
        SweepProcess first = worker(url, "127.0.0.1");
        SweepProcess second = worker(url, "127.0.0.2");
        SweepProcess run = start(Map.of("spark.master", url))) {
      run.awaitOutput("epoch 2");
      SweepProcess.signal("KILL", first.pid());
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(second.isAlive() && master.isAlive()).isTrue();
    }
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void aSlowExecutorWhoseTrialIsSpeculatedOn() throws Exception {
    String url = "spark://127.0.0.1:" + freePort();
    Map<String, String> speculating =
        Map.of(
            "spark.master", url,
            // No trial before both executors are there.
            "spark.cores.max", "2",
            "spark.scheduler.minRegisteredResourcesRatio", "1.0",
            "spark.scheduler.maxRegisteredResourcesWaitingTime", "10min",
            "spark.speculation", "true",
            "spark.speculation.interval", "200ms",
            "spark.speculation.task.duration.threshold", "3s");
    // Spark puts a twin on another host only.
    try (SweepProcess master = master(url);
        SweepProcess first = worker(url, "127.0.0.1");
        SweepProcess second = worker(url, "127.0.0.2");
        SweepProcess run = start(speculating)) {
      run.awaitOutput("epoch 1 of");
      try (Brake untilTheTwinsHaveEnded = SweepProcess.slowDown(first.executors().get(0))) {
        assertThat(run.exit()).as(run.output()).isZero();
      }
      assertThat(run.output()).contains("2 at a time").doesNotContain("is begun again");
      assertThat(second.isAlive() && master.isAlive()).isTrue();
    }
    assertUndisturbed();
    // Nothing was lost: whatever was started twice was a twin's, and ended with the fast one.
    assertThat(
            new ResultsStore(LocalSpark.session(), results.toString())
                .table(Tables.TRIALS)
                .where("attempts > 1")
                .select("attempts", "host")
                .collectAsList())
        .isNotEmpty()
        .containsOnly(RowFactory.create(2, "127.0.0.2"));
  }

  @Test
  @Tag("long")
  void executorsThatComeWhenTrialsWaitAndGoWhenNoneDo() throws Exception {
    Map<String, String> spark = new HashMap<>(TWO_EXECUTORS);
    spark.put("spark.dynamicAllocation.enabled", "true");
    spark.put("spark.dynamicAllocation.shuffleTracking.enabled", "true");
    spark.put("spark.dynamicAllocation.shuffleTracking.timeout", "1s");
    spark.put("spark.dynamicAllocation.initialExecutors", "0");
    spark.put("spark.dynamicAllocation.maxExecutors", "2");
    spark.put("spark.dynamicAllocation.executorIdleTimeout", "2s");
    spark.put("spark.network.timeout", "10min"); // nor is a frozen executor to be taken for lost
    try (SweepProcess run = start(spark)) {
      run.awaitOutput("chaos: training 4 of 4 trials, as executors come; ");
      assertThat(run.executors()).isEmpty();
      run.awaitOutput(
          "two trials never trained at the same time", output -> inTraining(output) == 2);
      List<ProcessHandle> executors = run.executors();
      assertThat(executors).hasSize(2);

      // Its trial keeps one; the other trains the rest, and has to go when there is none.
      SweepProcess.signal("STOP", executors.get(0).pid());
      run.awaitOutput("[3/4]");
      executors.get(1).onExit().get(5, TimeUnit.MINUTES);
      assertThat(run.executors()).containsExactly(executors.get(0));
      SweepProcess.signal("CONT", executors.get(0).pid());
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).doesNotContain("is begun again");
    }
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void checkpointsThatAreTornOrHaveABitFlipped() throws Exception {
    stopHalfWay();
    List<Path> newest = newestCheckpoints();
    assertThat(newest).isNotEmpty();
    for (int i = 0; i < newest.size(); i++) {
      byte[] bytes = Files.readAllBytes(newest.get(i));
      if (i % 2 == 0) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2 / 3);
      } else {
        bytes[bytes.length - 100] ^= 4;
      }
      Files.write(newest.get(i), bytes);
      Files.deleteIfExists(crc(newest.get(i)));
    }
    String output = finish(LOCAL);
    for (Path damaged : newest) {
      assertThat(output).contains(damaged + " is not used: the file ");
    }
  }

  @Test
  @Tag("long")
  void aTableFileThatIsCutOff() throws Exception {
    finish(LOCAL);
    Path file;
    try (Stream<Path> files = Files.list(results.resolve("trials/sweep=chaos"))) {
      file = files.filter(each -> each.toString().endsWith(".parquet")).sorted().toList().get(0);
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    Files.deleteIfExists(crc(file));

    try (SweepProcess sql =
        SweepProcess.sweep(
            folder,
            LOCAL,
            "sql",
            "SELECT count(*) AS trials FROM trials",
            "--results",
            "" + results)) {
      assertThat(sql.exit()).isZero();
      assertThat(sql.output()).contains(file + " is damaged and left out");
    }
    assertThat(finish(LOCAL)).contains("_damaged-" + file.getFileName());
  }

  @Test
  @Tag("long")
  void aDiskThatIsFull() throws Exception {
    Path full = folder.resolve("disk-is-full");
    Map<String, String> filling =
        Map.of("spark.master", "local[2]", "spark.hadoop.fs.full.switch", full.toString());
    try (SweepProcess run =
        SweepProcess.sweep(folder, filling, "run", "" + conf, "--results", "full:" + results)) {
      run.awaitOutput("[1/" + TRIALS + "]");
      Files.createFile(full);
      assertThat(run.exit()).as(run.output()).isEqualTo(2);
      assertThat(run.output())
          .containsPattern("submit.sh: cannot write .*: No space left on device");
    }
    assertThat(epochs(results)).isNotEmpty();
    finish(LOCAL);
  }

  @Test
  @Tag("long")
  void aSecondDriver() throws Exception {
    try (SweepProcess first = start(LOCAL)) {
      first.awaitOutput("chaos: training");
      try (Brake untilTheSecondHasEnded = first.slowDown();
          SweepProcess second = start(LOCAL)) {
        assertThat(second.exit()).as(second.output()).isEqualTo(1);
        assertThat(second.output())
            .contains(
                "submit.sh: sweep chaos is being run by another driver: process " + first.pid());
      }
      assertThat(first.exit()).as(first.output()).isZero();
    }
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void aFileSystemWhoseClockIsHoursAhead() throws Exception {
    String skewed = "skewed:" + results;
    try (SweepProcess first =
        SweepProcess.sweep(folder, LOCAL, "run", "" + conf, "--results", skewed)) {
      first.awaitOutput("chaos: training");
      try (Brake untilTheSecondHasEnded = first.slowDown();
          SweepProcess second =
              SweepProcess.sweep(folder, LOCAL, "run", "" + conf, "--results", skewed)) {
        assertThat(second.exit()).as(second.output()).isEqualTo(1);
      }
      SweepProcess.signal("KILL", first.pid());
      first.exit();
    }
    finish(LOCAL);
  }

  @Test
  void aSweepThatIsInterrupted() throws Exception {
    aSweepIsStopped("INT");
  }

  @Test
  @Tag("long")
  void aSweepThatIsTerminated() throws Exception {
    aSweepIsStopped("TERM");
  }

  private void aSweepIsStopped(String signal) throws Exception {
    try (SweepProcess run = start(LOCAL, "--set", "sweep.grid.seed=[1,2]")) {
      run.awaitOutput("epoch 2");
      SweepProcess.signal(signal, run.pid());
      assertThat(run.exit()).as(run.output()).isEqualTo(130);
      assertThat(run.output())
          .contains("stopped; to go on: ./submit.sh run " + conf + " --results " + results)
          .contains(" --set 'sweep.grid.seed=[1,2]'\n");
      assertThat(results.resolve("checkpoints/sweep=chaos/_lock")).doesNotExist();
    }
    finish();
  }

  private void stopHalfWay() throws Exception {
    try (SweepProcess run = start(LOCAL)) {
      run.awaitOutput("epoch 6");
      SweepProcess.signal("KILL", run.pid());
      run.exit();
    }
  }

  /** Runs the sweep to its end, in this process. */
  private void finish() {
    Submission run = Submission.to(results, "run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
    assertUndisturbed();
  }

  /** Runs the sweep to its end, in a process of its own; what it printed. */
  private String finish(Map<String, String> spark) throws Exception {
    try (SweepProcess run = start(spark)) {
      assertThat(run.exit()).as(run.output()).isZero();
      assertUndisturbed();
      return run.output();
    }
  }

  private void assertUndisturbed() {
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    List<Row> trials =
        store.table(Tables.TRIALS).select("trial_id", "status", "epochs_run").collectAsList();
    assertThat(trials).hasSize(TRIALS).allMatch(row -> row.getString(1).equals("COMPLETED"));
    assertThat(trials).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
    assertThat(trials).allMatch(row -> row.getInt(2) == EPOCHS);
    assertThat(epochs(results)).isEqualTo(undisturbed);
    assertThat(results.resolve("checkpoints/sweep=chaos")).isEmptyDirectory();
  }

  /** Every number of every epoch that does not depend on the machine's speed. */
  private static List<Row> epochs(Path results) {
    return new ResultsStore(LocalSpark.session(), results.toString())
        .table(Tables.EPOCHS)
        .select(
            "trial_id", "epoch", "train_loss", "valid_loss", "grad_norm", "update_norm", "tokens")
        .orderBy("trial_id", "epoch")
        .collectAsList();
  }

  private SweepProcess start(Map<String, String> spark, String... options) throws IOException {
    return start(folder, spark, results, options);
  }

  private static SweepProcess start(
      Path folder, Map<String, String> spark, Path results, String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", "" + conf, "--results", "" + results));
    words.addAll(List.of("--checkpoint-interval", "1"));
    words.addAll(List.of(options));
    return SweepProcess.sweep(folder, spark, words.toArray(String[]::new));
  }

  /** A master that can be reached. */
  private SweepProcess master(String url) throws Exception {
    String port = url.substring(url.lastIndexOf(':') + 1);
    SweepProcess master =
        SweepProcess.java(
            folder,
            Map.of("spark.ui.enabled", "false"),
            "org.apache.spark.deploy.master.Master",
            ("--host 127.0.0.1 --webui-port 0 --port " + port).split(" "));
    master.awaitOutput("New state: ALIVE");
    return master;
  }

  private SweepProcess worker(String url, String host) throws IOException {
    String work = Files.createTempDirectory(folder, "work").toString();
    return SweepProcess.java(
        folder,
        Map.of("spark.ui.enabled", "false"),
        "org.apache.spark.deploy.worker.Worker",
        "--cores",
        "1",
        "--memory",
        "1g",
        "--host",
        host,
        "--webui-port",
        "0",
        "--work-dir",
        work,
        url);
  }

  /** The newest of each trial that has two. */
  private List<Path> newestCheckpoints() throws IOException {
    try (Stream<Path> trials = Files.list(results.resolve("checkpoints/sweep=chaos"))) {
      return trials
          .filter(Files::isDirectory)
          .map(ChaosIT::checkpoints)
          .filter(checkpoints -> !checkpoints.isEmpty())
          .map(checkpoints -> checkpoints.get(checkpoints.size() - 1))
          .toList();
    }
  }

  private static List<Path> checkpoints(Path trial) {
    try (Stream<Path> files = Files.list(trial)) {
      return files
          .filter(file -> file.getFileName().toString().matches("e.*\\.safetensors"))
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  /** How many trials are being trained, by what their driver has printed. */
  private static long inTraining(String output) {
    return output.lines().filter(line -> line.contains(": epoch 1 of ")).count()
        - output.lines().filter(line -> line.startsWith("[")).count();
  }

  private static Path crc(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".crc");
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
