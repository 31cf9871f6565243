package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.SuspendingFileSystem;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;

/** A driver that is suspended, whose sweep another one takes over, and that wakes up again. */
@Timeout(60)
class FencingTest {

  private static final Duration LEASE = Duration.ofMillis(400);

  @TempDir private Path folder;
  private ResultsStore first;
  private ResultsStore second;
  private SweepLock lock;

  @BeforeEach
  void begin() throws Exception {
    SparkSession spark = LocalSpark.session();
    OddFileSystem.register(SuspendingFileSystem.class, spark.sparkContext().hadoopConfiguration());
    ResultsStore tables = new ResultsStore(spark, "suspending:" + folder);
    lock = SweepLock.take(tables.lockFile("a"), "a", tables.hadoop(), LEASE);
    first = tables.fencedBy(lock::check, lock.token());
    second = new ResultsStore(spark, folder.toString());
  }

  @AfterEach
  void end() {
    SuspendingFileSystem.resume();
    lock.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "rename"})
  void itWritesNoRowOfATrialThatIsTrainedAgain(String operation) throws Exception {
    TrialResult result =
        TestTrials.result(
            "a",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.1, 1),
            TrialStatus.COMPLETED,
            5.0);
    CompletableFuture<Void> append =
        suspended(operation, "/trials/sweep=a/", () -> first.append(List.of(result)));

    try (SweepLock taken = takeOver()) {
      second.prepare("a");
      second.remove("a", Set.of(result.trialId()));
      SuspendingFileSystem.resume();

      assertThatThrownBy(append::join)
          .cause()
          .isInstanceOf(SweepException.class)
          .hasMessageStartingWith("lost the lock suspending:" + folder);
      assertThat(files("trials")).isEmpty();
      assertThat(files("epochs")).isEmpty();
      assertThatCode(taken::check).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "rename"})
  void itMergesNothing(String operation) throws Exception {
    for (int seed = 0; seed < ResultsStore.FILES_TO_MERGE; seed++) {
      first.append(
          TestTrials.result(
              "a",
              TestTrials.PTB,
              TestTrials.spec(new TensorFlowStyle(5), 0.1, seed),
              TrialStatus.COMPLETED,
              5.0));
    }
    CompletableFuture<Void> merge =
        suspended(operation, "merged-1-", () -> first.compact("a", Set.of()));

    try (SweepLock taken = takeOver()) {
      second.prepare("a");
      List<String> before = files("trials");
      SuspendingFileSystem.resume();

      assertThatThrownBy(merge::join).cause().isInstanceOf(SweepException.class);
      assertThat(files("trials")).isEqualTo(before).hasSize(ResultsStore.FILES_TO_MERGE);
      assertThatCode(taken::check).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "create", "rename"})
  void itsBeatLeavesTheOthersLockAlone(String operation) throws Exception {
    suspendAt(operation, "_lock");
    SuspendingFileSystem.awaitSuspended();

    try (SweepLock taken = takeOver()) {
      String text = Files.readString(lockFile());
      SuspendingFileSystem.resume();

      assertThatThrownBy(lock::check)
          .isInstanceOf(SweepException.class)
          .hasMessageContaining("lost the lock");
      assertThat(Files.readString(lockFile())).isEqualTo(text);
      assertThatCode(taken::check).doesNotThrowAnyException();
    }
  }

  @Test
  void itNoticesThatAnotherHasHadTheLockAndGivenItBack() throws Exception {
    suspendAt("open", "_lock");
    SuspendingFileSystem.awaitSuspended();
    takeOver().close();
    SuspendingFileSystem.resume();

    assertThatThrownBy(lock::check)
        .isInstanceOf(SweepException.class)
        .hasMessageEndingWith("another driver has taken it over since");
    assertThat(lockFile()).doesNotExist();
  }

  @Test
  void itGivesBackItsOwnLockOnly() throws Exception {
    SuspendingFileSystem.suspendAt(
        (operation, file) ->
            Set.of("rename", "delete").contains(operation) && file.getName().equals("_lock"));
    CompletableFuture<Void> close = CompletableFuture.runAsync(lock::close);
    SuspendingFileSystem.awaitSuspended();

    try (SweepLock taken = takeOver()) {
      String text = Files.readString(lockFile());
      SuspendingFileSystem.resume();
      close.join();

      assertThat(lockFile()).hasContent(text);
      assertThatCode(taken::check).doesNotThrowAnyException();
    }
  }

  /** Does something that is suspended at an operation on a file whose path has this in it. */
  private static CompletableFuture<Void> suspended(String operation, String part, Runnable action)
      throws InterruptedException {
    suspendAt(operation, part);
    CompletableFuture<Void> done = CompletableFuture.runAsync(action);
    SuspendingFileSystem.awaitSuspended();
    return done;
  }

  private static void suspendAt(String operation, String part) {
    SuspendingFileSystem.suspendAt(
        (each, file) -> each.equals(operation) && file.toString().contains(part));
  }

  private SweepLock takeOver() throws InterruptedException {
    Thread.sleep(LEASE.toMillis() * 3 / 2);
    return SweepLock.take(second.lockFile("a"), "a", second.hadoop(), LEASE);
  }

  private Path lockFile() {
    return Path.of(second.lockFile("a").toUri());
  }

  /** But checksums, which are hidden. */
  private List<String> files(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(table).resolve("sweep=a"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
