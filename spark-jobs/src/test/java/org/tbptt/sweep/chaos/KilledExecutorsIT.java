package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.chaos.SweepProcess.Brake;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/** Executors that are killed, slow, or come and go. */
class KilledExecutorsIT extends DisturbedSweep {

  private static final Map<String, String> ONE_EXECUTOR =
      Map.of("spark.master", "local-cluster[1,2,1024]");

  @Test
  void anExecutorThatIsKilled() throws Exception {
    try (SweepProcess run = start(TWO_EXECUTORS)) {
      run.awaitOutput("epoch 2 of");
      SweepProcess.signal("KILL", run.executors().get(0).pid());
      run.awaitOutput("is retried");
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
            "lost its executor %d times at the same checkpoint; the last time: "
                .formatted(attempts));
    assertThat(epochs(results).stream().filter(row -> !row.getString(0).equals(deadly)).toList())
        .isEqualTo(undisturbed.stream().filter(row -> !row.getString(0).equals(deadly)).toList());

    assertThat(finish("--retry-failed")).contains("chaos: training 1 of 4 trials");
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

    finish("--retry-failed");
  }

  @Test
  @Tag("long")
  void aWorkerThatIsKilled() throws Exception {
    String url = "spark://127.0.0.1:" + SweepProcess.freePort();
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
    String url = "spark://127.0.0.1:" + SweepProcess.freePort();
    Map<String, String> speculating = new HashMap<>(TWO_EXECUTORS);
    speculating.put("spark.master", url);
    speculating.put("spark.speculation", "true");
    speculating.put("spark.speculation.interval", "200ms");
    speculating.put("spark.speculation.task.duration.threshold", "3s");
    // Spark puts a twin on another host only.
    try (SweepProcess master = master(url);
        SweepProcess first = worker(url, "127.0.0.1");
        SweepProcess second = worker(url, "127.0.0.2");
        SweepProcess run = start(speculating)) {
      run.awaitOutput("epoch 1 of");
      try (Brake untilTheTwinsHaveEnded = SweepProcess.slowDown(first.executors().get(0))) {
        assertThat(run.exit()).as(run.output()).isZero();
      }
      assertThat(run.output()).contains("2 at a time").doesNotContain("is retried");
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
    Map<String, String> spark = new HashMap<>();
    spark.put("spark.master", "local-cluster[2,1,512]");
    spark.put("spark.dynamicAllocation.enabled", "true");
    spark.put("spark.dynamicAllocation.shuffleTracking.enabled", "true");
    spark.put("spark.dynamicAllocation.shuffleTracking.timeout", "1s");
    spark.put("spark.dynamicAllocation.initialExecutors", "0");
    spark.put("spark.dynamicAllocation.maxExecutors", "2");
    spark.put("spark.dynamicAllocation.executorIdleTimeout", "2s");
    spark.put("spark.network.timeout", "10min"); // nor is a frozen executor to be taken for lost
    try (SweepProcess run = start(spark)) {
      awaitWithoutExecutors(run, "training 4 of 4 trials, as executors register; ");
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
      assertThat(run.output()).doesNotContain("is retried");
    }
    assertUndisturbed();
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
    long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (!isListening(Integer.parseInt(port))) {
      assertThat(master.isAlive() && System.nanoTime() < deadline).as(master.output()).isTrue();
      Thread.sleep(50);
    }
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

  /** Waits until it has printed a text, before which it must not have executors. */
  private static void awaitWithoutExecutors(SweepProcess run, String text) throws Exception {
    List<ProcessHandle> before = List.of();
    long deadline = System.nanoTime() + Duration.ofMinutes(10).toNanos();
    while (true) {
      List<ProcessHandle> executors = run.executors();
      if (run.output().contains(text)) {
        return;
      }
      assertThat(run.isAlive() && System.nanoTime() < deadline).as(run.output()).isTrue();
      // For a moment any program that it starts is still a copy of itself.
      assertThat(executors).filteredOn(before::contains).isEmpty();
      before = executors;
      Thread.sleep(200);
    }
  }

  /** How many trials are being trained, by what their driver has printed. */
  private static long inTraining(String output) {
    return output.lines().filter(line -> line.contains(": epoch 1 of ")).count()
        - output.lines().filter(line -> line.startsWith("[")).count();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }
}
