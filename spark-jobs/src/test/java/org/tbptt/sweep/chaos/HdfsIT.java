package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.chaos.SweepProcess.Brake;
import org.tbptt.sweep.cli.Submission;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Table;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.SweepException;
import org.tbptt.sweep.run.SweepRunner;

/** Results and checkpoints on HDFS: a namenode and a datanode in this process, sweeps in others. */
class HdfsIT {

  private static final Map<String, String> SPARK = Map.of("spark.master", "local[2]");
  private static final int EPOCHS = 100;

  /** Columns in which two runs of one sweep differ. */
  private static final String[] NOT_REPEATED = {
    "train_seconds",
    "checkpoint_seconds",
    "seconds",
    "tokens_per_second",
    "attempts",
    "model",
    "started_at",
    "finished_at"
  };

  @TempDir private Path folder;
  private Path conf;
  private MiniDFSCluster hdfs;
  private FileSystem files;
  private org.apache.hadoop.fs.Path results;

  @BeforeEach
  void start() throws IOException {
    conf =
        Files.writeString(
            folder.resolve("hdfs.conf"),
            """
            sweep {
              name = hdfs
              corpus { kind = toy, train-length = 200000, valid-length = 2000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 9, seq-len = 10}
                style = true
                learning-rate = [0.01, 0.003]
              }
              model { state-size = 24, embed-size = 8, keep-prob = 0.9 }
              training { epochs = %d, batch-size = 20 }
              diagnostics { windows = 2, max-lag = 5 }
            }
            """
                .formatted(EPOCHS));
    LocalSpark.session(); // it takes longer to start than the sweep may take
    Configuration hadoop = new Configuration();
    hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(1).build();
    hdfs.waitActive();
    files = hdfs.getFileSystem();
    results = files.makeQualified(new org.apache.hadoop.fs.Path("/results"));
  }

  @AfterEach
  void stop() {
    hdfs.shutdown();
  }

  @Tag("long")
  @Test
  void aSweepHasTheTablesOfOneOnALocalFolder() throws InterruptedException {
    String local = folder.resolve("results").toString();
    runHere(local, "sweep.training.epochs=2");
    runHere("" + results, "sweep.training.epochs=2");

    assertSameTables("" + results, local);
  }

  @Test
  @Tag("long")
  void aSweepThatIsKilledAndStoppedEndsUpWithTheTablesOfOneOnALocalFolder() throws Exception {
    String local = folder.resolve("results").toString();
    try (SweepProcess run = run(local)) {
      assertThat(run.exit()).as(run.output()).isZero();
    }

    try (SweepProcess first = run("" + results)) {
      first.awaitOutput("no trial was kept after an epoch", output -> isKeptAfterAnEpoch());
      try (Brake untilTheSecondHasEnded = first.slowDown()) {
        assertThatThrownBy(() -> runHere("" + results))
            .isInstanceOf(SweepException.class)
            .hasMessageMatching(
                "sweep hdfs is being run by another driver: process %d on \\S+, since \\S+; its lock is %s/checkpoints/sweep=hdfs/_lock"
                    .formatted(first.pid(), results));
      }
      assertThat(first.kill()).isTrue();
    }
    assertThat(checkpoints()).contains("_lock").anyMatch(name -> name.endsWith(".safetensors"));
    try (SweepProcess again = run("" + results)) {
      again.awaitOutput("attempt 2, from epoch");
      again.awaitOutput("nats per token");
      SweepProcess.signal("TERM", again.pid());
      assertThat(again.exit()).as(again.output()).isEqualTo(130);
    }
    assertThat(checkpoints())
        .anyMatch(name -> name.endsWith(".safetensors"))
        .doesNotContain("_lock");
    try (SweepProcess last = run("" + results)) {
      assertThat(last.exit()).as(last.output()).isZero();
      assertThat(last.output())
          .containsPattern("attempt 3, from epoch ([2-9]|\\d\\d), window ")
          .doesNotContain("is not used");
    }

    assertSameTables("" + results, local);
    assertThat(checkpoints()).isEmpty();
    assertThat(printed("compare")).contains("Sweep hdfs: lowest validation loss", "2 of 2 trials");
    assertThat(printed("sql", "--format", "csv", "SELECT count(*) AS n FROM epochs"))
        .contains("n\n" + 2 * EPOCHS + "\n");
  }

  @Test
  @Tag("long")
  void confFileAndCorpusAreReadFromHdfs() throws IOException {
    String folder = files.makeQualified(new org.apache.hadoop.fs.Path("/corpus")).toString();
    try (OutputStream text =
        new GZIPOutputStream(
            files.create(new org.apache.hadoop.fs.Path("/corpus/text of mine.gz")))) {
      text.write("the cat saw a dog\n".repeat(500).getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream text = files.create(new org.apache.hadoop.fs.Path("/corpus/a.conf"))) {
      text.write(
          """
          include "corpus.conf"
          sweep { name = remote, grid { truncation = {bptt-steps = 5, seq-len = 5}, style = tf } }
          sweep.training.batch-size = 10
          """
              .getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream text = files.create(new org.apache.hadoop.fs.Path("/corpus/corpus.conf"))) {
      text.write(
          """
          sweep.corpus { kind = text, train = "%1$s", valid = "%1$s", test = "%1$s" }
          """
              .formatted(folder + "/text of mine.gz")
              .getBytes(StandardCharsets.UTF_8));
    }

    Submission plan = Submission.to(results, "plan", folder + "/a.conf");

    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains("sweep   remote: 1 point of the grid, 1 trial, 0 of them done")
        .contains("6 words; 3,000 / 3,000 / 3,000 tokens to train, validate, test");
  }

  private SweepProcess run(String results) throws IOException {
    return SweepProcess.sweep(
        folder, SPARK, "run", "" + conf, "--results", results, "--checkpoint-interval", "1");
  }

  /** The same sweep by a driver in this process. */
  private void runHere(String results, String... settings) throws InterruptedException {
    SparkSession spark = LocalSpark.session();
    ResultsStore store = new ResultsStore(spark, results);
    SweepConfig config = SweepConfig.load(conf, List.of(settings));
    Plan plan = Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
    new SweepRunner(JavaSparkContext.fromSparkContext(spark.sparkContext()), store, "test")
        .run(plan, event -> {});
  }

  /** What a command prints about the results on HDFS. */
  private String printed(String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--results", "" + results));
    try (SweepProcess command =
        SweepProcess.sweep(folder, SPARK, arguments.toArray(String[]::new))) {
      assertThat(command.exit()).as(command.output()).isZero();
      return command.output();
    }
  }

  private static void assertSameTables(String results, String expected) {
    for (Table<?> table : List.of(Tables.TRIALS, Tables.EPOCHS, Tables.LAGS, Tables.BIAS)) {
      assertThat(rows(table, results)).isNotEmpty().isEqualTo(rows(table, expected));
    }
  }

  private static List<Row> rows(Table<?> table, String results) {
    Dataset<Row> rows =
        new ResultsStore(LocalSpark.session(), results).table(table).drop(NOT_REPEATED);
    return rows.orderBy(Stream.of(rows.columns()).map(functions::col).toArray(Column[]::new))
        .collectAsList();
  }

  private boolean isKeptAfterAnEpoch() {
    try {
      return checkpoints().stream()
          .anyMatch(name -> name.matches("e.*-w.*") && !name.startsWith("e000001-"));
    } catch (IOException unreadable) {
      return false; // there is nothing yet
    }
  }

  /** Names of the files that a sweep that is not at its end leaves. */
  private List<String> checkpoints() throws IOException {
    List<String> names = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> found =
        files.listFiles(new org.apache.hadoop.fs.Path(results, "checkpoints"), true);
    while (found.hasNext()) {
      names.add(found.next().getPath().getName());
    }
    return names;
  }
}
