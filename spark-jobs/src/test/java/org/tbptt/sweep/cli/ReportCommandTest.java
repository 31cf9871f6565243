package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.RefusingFileSystem;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;

class ReportCommandTest {

  private static final String SWEEP = "</script><script>alert(1)</script>";

  @TempDir private Path folder;
  private ResultsStore store;

  @BeforeEach
  void oneTrialOfTwo() {
    store = new ResultsStore(LocalSpark.session(), folder.resolve("results").toString());
    store.describe(record(SWEEP, 2, Instant.EPOCH));
    add(5);
  }

  @Test
  void thePageIsOneFileInTheResultsFolder() throws IOException {
    Submission output = submit("report");

    assertThat(output.exit()).isZero();
    assertThat(output.out()).isEqualTo("file:" + folder.resolve("results/report.html") + "\n");
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(n -> n.contains("report")))
          .containsExactly("report.html");
    }
    assertThat(Files.readString(folder.resolve("results/report.html")))
        .startsWith("<!DOCTYPE html>")
        .contains("default-src 'none'", "\"best_valid_loss\":5.5")
        .contains("\"sweep\":\"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)")
        .doesNotContain("<script>alert", "\"reload_seconds\":", "{{data", "{{page");
  }

  @Test
  @Timeout(300)
  @Tag("long")
  void aWatchedPageFollowsTheSweepToItsEnd() throws Exception {
    Path page = folder.resolve("watched.html");
    CompletableFuture<Submission> watching = watch(page);

    store.describe(record("newer", 2, Instant.EPOCH.plusSeconds(60)));
    add(10);

    assertThat(watching.get().exit()).isZero();
    assertThat(Files.readString(page))
        .doesNotContain("\"reload_seconds\":")
        .contains("\"bptt_steps\":5,", "\"bptt_steps\":10,");
  }

  /** As when trials that failed are trained again: until they have new rows, all have ended. */
  @Test
  @Timeout(300)
  @Tag("long")
  void aWatchedPageGoesOnWhileADriverRunsTheSweep() throws Exception {
    add(10);
    org.apache.hadoop.fs.Path lock = store.lockFile(SWEEP);
    FileSystem files = lock.getFileSystem(store.hadoop());
    files.create(lock).close();
    Path page = folder.resolve("watched.html");
    CompletableFuture<Submission> watching = watch(page);

    files.delete(lock, false);

    assertThat(watching.get().exit()).isZero();
    assertThat(Files.readString(page)).doesNotContain("\"reload_seconds\":");
  }

  @Tag("long")
  @Test
  void aReportIsWrittenAlthoughTheSweepMergesAndDeletesWhatIsBeingRead() throws IOException {
    for (int n = 6; n < 5 + ResultsStore.FILES_TO_MERGE; n++) {
      add(n);
    }
    OddFileSystem.register(
        RefusingFileSystem.class, LocalSpark.session().sparkContext().hadoopConfiguration());
    AtomicInteger opened = new AtomicInteger();
    RefusingFileSystem.whenOpening(
        result(5).trialId() + ".parquet",
        () -> {
          // As trials and as epochs it has been found whole; now it is read.
          if (opened.incrementAndGet() == 3) {
            store.compact(SWEEP, Set.of());
            store.deleteReplaced(SWEEP);
          }
        });
    Path page = folder.resolve("page.html");

    Submission output =
        Submission.to("refusing:" + folder.resolve("results"), "report", "--output", page);

    assertThat(output.err()).isEmpty();
    assertThat(output.exit()).isZero();
    assertThat(opened.get()).isGreaterThanOrEqualTo(3);
    assertThat(Files.readString(page)).contains("\"bptt_steps\":5,", "\"bptt_steps\":36,");
  }

  @Test
  void whatCannotBeIsOneLine() {
    assertThat(submit("report", "none").err())
        .isEqualTo("submit.sh: sweep none is not in the results; there are: " + SWEEP + "\n");
    Submission place = submit("report", "--output", folder);
    assertThat(place.exit()).isEqualTo(2);
    assertThat(place.err())
        .isEqualTo("submit.sh: --output " + folder + ": is a folder, must be a file\n");
    assertThat(submit("report", "--output", "nowhere://x/y.html").err().lines()).hasSize(1);
    assertThat(submit("report", "--output", "s3a://bucket/report.html").err())
        .isEqualTo(
            "submit.sh: --output s3a://bucket/report.html: Class"
                + " org.apache.hadoop.fs.s3a.S3AFileSystem not found, which this Spark does not"
                + " have; --packages before the command brings the connector of a file system\n");
    assertThat(submit("report", "--watch", "--every", 0).err())
        .startsWith("submit.sh: --every = 0: must be at least 1\n");
  }

  /** Writes the page until the sweep has ended; it is there. */
  private CompletableFuture<Submission> watch(Path page) throws Exception {
    CompletableFuture<Submission> watching =
        CompletableFuture.supplyAsync(
            () -> submit("report", "--watch", "--every", 1, "--output", page));
    while (!Files.exists(page)) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(Files.readString(page)).contains("\"reload_seconds\":1");
    return watching;
  }

  private static SweepRecord record(String sweep, int planned, Instant started) {
    return new SweepRecord(
        sweep, "{}", TestTrials.PTB, 10_000, 9, 9, 9, planned, "0.1.0", "3.5.9", started);
  }

  private void add(int n) {
    store.append(result(n));
  }

  private static TrialResult result(int n) {
    return TestTrials.result(
        SWEEP,
        TestTrials.PTB,
        TestTrials.spec(new TensorFlowStyle(n), 0.003, 1),
        TrialStatus.COMPLETED,
        5.5);
  }

  private Submission submit(Object... words) {
    return Submission.to(folder.resolve("results"), words);
  }
}
