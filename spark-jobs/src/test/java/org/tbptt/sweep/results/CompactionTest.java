package org.tbptt.sweep.results;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.security.AccessControlException;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.FullFileSystem;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.RefusingFileSystem;
import org.tbptt.sweep.TestTrials;

class CompactionTest {

  @TempDir private Path folder;
  private ResultsStore store;

  @BeforeEach
  void open() {
    store = new ResultsStore(LocalSpark.session(), folder.toString());
  }

  @Test
  void manyFilesBecomeOneWithTheSameRows() throws IOException {
    append(0, Compaction.FILES);
    List<String> before = rows();

    store.compact("a", Set.of());

    assertThat(rows()).isEqualTo(before).hasSize(2 * Compaction.FILES);
    store.deleteReplaced("a");
    assertThat(rows()).isEqualTo(before);
    assertThat(files("trials")).hasSize(1).allMatch(name -> name.startsWith("merged-1-"));
    assertThat(files("epochs")).hasSize(1).allMatch(name -> name.startsWith("merged-1-"));
  }

  @Test
  void aFewFilesAreLeftAlone() throws IOException {
    append(0, Compaction.FILES - 1);

    store.compact("a", Set.of());

    assertThat(files("trials")).hasSize(Compaction.FILES - 1);
  }

  @Test
  void mergedFilesBecomeOneInTheirTurn() throws IOException {
    append(0, Compaction.FILES);
    for (int i = 1; i < Compaction.FILES; i++) {
      write("merged-1-" + i, result(Compaction.FILES + i));
    }
    write("merged-3-1", result(1000));

    store.compact("a", Set.of());
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).hasSize(2 * Compaction.FILES);
    store.deleteReplaced("a");

    assertThat(files("trials"))
        .hasSize(2)
        .anyMatch(name -> name.startsWith("merged-2-"))
        .contains("merged-3-1.parquet");
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).hasSize(2 * Compaction.FILES);
  }

  @Test
  void trialsThatEndTogetherShareAFileUnlessTheyHadOneWhileTheyRan() throws IOException {
    TrialResult longer = result(2);
    store.appendEpochs("a", longer.trialId(), longer.outcome().epochs().subList(0, 1));

    store.append(List.of(result(1), longer, result(3)));

    assertThat(files("trials")).containsExactly(result(1).trialId() + ".parquet");
    assertThat(files("epochs"))
        .containsExactlyInAnyOrder(result(1).trialId() + ".parquet", longer.trialId() + ".parquet");
    assertThat(rows()).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void trialsThatAreStillRunningKeepFilesOfTheirOwn() throws IOException {
    append(0, Compaction.FILES);
    TrialResult running = result(Compaction.FILES);
    store.appendEpochs("a", running.trialId(), running.outcome().epochs().subList(0, 1));

    store.compact("a", Set.of(running.trialId()));
    store.append(running);
    store.deleteReplaced("a");

    assertThat(files("epochs")).hasSize(2).contains(running.trialId() + ".parquet");
    assertThat(rows()).hasSize(2 * (Compaction.FILES + 1)).doesNotHaveDuplicates();
  }

  @Test
  void whoHasBegunToReadCanEndAfterTheFilesHaveBeenReplaced() throws IOException {
    append(0, Compaction.FILES);
    Dataset<Row> begun = store.table(Tables.EPOCHS);

    store.compact("a", Set.of());

    assertThat(begun.count()).isEqualTo(2 * Compaction.FILES);
    assertThat(files("epochs")).hasSize(Compaction.FILES + 1);
    store.compact("a", Set.of());
    assertThat(files("epochs")).hasSize(1);
    assertThat(allFiles("epochs")).noneMatch(name -> name.startsWith("_replaced-by-"));
  }

  @Test
  void aFileThatGoesWhileAReaderLooksIsReadInItsNewPlace() throws IOException {
    append(0, Compaction.FILES);
    ResultsStore reader = refusing(file("trials", 5), new IOException("never thrown"));
    RefusingFileSystem.Opening merging =
        () -> {
          store.compact("a", Set.of());
          store.compact("a", Set.of());
        };
    RefusingFileSystem.whenOpening(file("trials", 5).getFileName().toString(), merging);

    assertThat(reader.bestEpochs("a"))
        .hasSize(Compaction.FILES)
        .extracting(BestEpoch::trialId)
        .doesNotHaveDuplicates();
    append(Compaction.FILES, Compaction.FILES);
    RefusingFileSystem.whenOpening(
        file("trials", Compaction.FILES + 5).getFileName().toString(), merging);
    assertThat(reader.table(Tables.TRIALS).count()).isEqualTo(2 * Compaction.FILES);
  }

  @Test
  void aFileThatIsListedButCannotBeFoundIsOneLine() throws IOException {
    append(0, 2);
    ResultsStore refusing =
        refusing(file("trials", 1), new FileNotFoundException("(Permission denied)"));

    assertThatThrownBy(() -> refusing.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .isInstanceOf(ResultsException.class)
        .hasMessage(
            "cannot read the table trials in refusing:%s: (Permission denied)".formatted(folder));
  }

  @Test
  void whatWasReplacedByFilesThatWereReplacedThemselvesNeverCountsAgain() throws IOException {
    append(0, Compaction.FILES);
    for (int i = 1; i < Compaction.FILES; i++) {
      write("merged-1-" + i, result(Compaction.FILES + i));
    }
    store.compact("a", Set.of()); // twice merged in one go
    Set<String> all = store.trialIds("a", Set.of(TrialStatus.COMPLETED));

    store.remove("a", all);

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).isEmpty();
    assertThat(allFiles("trials")).isEmpty();
  }

  @Test
  void whereverTheWriterIsKilledEveryRowIsReadOnce() throws IOException {
    append(0, Compaction.FILES);
    List<String> before = rows();
    Path trials = folder.resolve("trials/sweep=a");
    List<Path> olds;
    try (Stream<Path> files = Files.list(trials)) {
      olds = files.toList();
    }
    Path elsewhere = Files.createDirectory(folder.resolve("kept"));
    for (Path old : olds) {
      Files.copy(old, elsewhere.resolve(old.getFileName()));
    }
    store.compact("a", Set.of());
    store.deleteReplaced("a");
    String merged = files("trials").get(0);
    Path list = trials.resolve("_replaced-by-" + merged.replace(".parquet", ""));
    String replaced =
        String.join(
            "\n",
            olds.stream()
                .map(path -> path.getFileName().toString())
                .filter(name -> name.endsWith(".parquet") && !name.startsWith("."))
                .map(name -> name.replace(".parquet", ""))
                .toList());

    // Killed after the new file has appeared, before anything was deleted.
    for (Path old : olds) {
      Files.copy(elsewhere.resolve(old.getFileName()), trials.resolve(old.getFileName()));
    }
    Files.writeString(list, replaced);
    assertThat(rows()).isEqualTo(before);
    // Killed half-way through deleting.
    store = new ResultsStore(LocalSpark.session(), folder.toString());
    Files.delete(trials.resolve(olds.get(0).getFileName()));
    assertThat(rows()).isEqualTo(before);
    store.prepare("a");
    assertThat(rows()).isEqualTo(before);
    assertThat(files("trials")).containsExactly(merged);
    assertThat(list).doesNotExist();

    // Killed before the new file appeared.
    for (Path old : olds) {
      Files.copy(elsewhere.resolve(old.getFileName()), trials.resolve(old.getFileName()));
    }
    Files.writeString(list, replaced);
    Files.move(trials.resolve(merged), trials.resolve("_writing-0-" + merged));
    assertThat(rows()).isEqualTo(before);
    store.prepare("a");
    assertThat(rows()).isEqualTo(before);
    assertThat(files("trials")).hasSize(Compaction.FILES);
    assertThat(trials.resolve("_writing-0-" + merged)).doesNotExist();
  }

  @Test
  void aFileThatIsCutOffIsSetAsideAndTheRestIsUsed() throws IOException {
    append(0, 3);
    Path file = file("trials", 1);
    cutOff(file, (int) Files.size(file) / 2);

    assertThat(store.table(Tables.TRIALS).count()).isEqualTo(2);
    assertThat(store.prepare("a"))
        .singleElement()
        .asString()
        .contains("_damaged-" + file.getFileName() + " is damaged and set aside: ");
    assertThat(file).doesNotExist();
    assertThat(file.resolveSibling("_damaged-" + file.getFileName())).exists();
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactlyInAnyOrder(result(0).trialId(), result(2).trialId());
    store.append(result(1));
    assertThat(rows()).hasSize(6).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 11, 500, -1, -8, -9, -100})
  void aFileIsDamagedWhereverItIsCutOff(int length) throws IOException {
    append(0, 2);
    Path file = file("trials", 1);
    byte[] whole = Files.readAllBytes(file);
    cutOff(file, length < 0 ? whole.length + length : length);

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactly(result(0).trialId());
    store.prepare("a");

    assertThat(file).doesNotExist();
    assertThat(file.resolveSibling("_damaged-" + file.getFileName())).exists();
  }

  static Stream<IOException> proofsOfDamage() {
    return Stream.of(
        new EOFException("Reached the end of stream with 8 bytes left to read"),
        new ChecksumException("Checksum error: trials at 0", 0));
  }

  @ParameterizedTest
  @MethodSource("proofsOfDamage")
  void aFileThatEndsEarlyOrHasAnotherChecksumIsDamaged(IOException proof) throws IOException {
    append(0, 2);
    Path file = file("trials", 1);
    ResultsStore refusing = refusing(file, proof);

    refusing.prepare("a");

    assertThat(file).doesNotExist();
    assertThat(file.resolveSibling("_damaged-" + file.getFileName())).exists();
    assertThat(refusing.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactly(result(0).trialId());
  }

  @Test
  void whatAFileSystemThrowsWithoutACauseIsNotTakenForDamage() throws IOException {
    append(0, 2);
    Path file = file("trials", 1);
    ResultsStore refusing = refusing(file, new IOException("never thrown"));
    RefusingFileSystem.whenOpening(
        file.getFileName().toString(),
        () -> {
          throw new IllegalStateException("the connection pool has been shut down");
        });

    assertThatThrownBy(() -> refusing.prepare("a"))
        .isInstanceOf(ResultsException.class)
        .hasMessageEndingWith(" cannot be read: the connection pool has been shut down");
    assertThat(file).exists();
  }

  @Test
  @Timeout(60)
  void aReaderIsNotKeptByWhatIsWrittenMeanwhile() throws IOException {
    append(0, 2);
    Configuration busy = new Configuration();
    OddFileSystem.register(BusyFileSystem.class, busy);
    TableFolder trials =
        new TableFolder(
            new org.apache.hadoop.fs.Path("busy:" + folder + "/trials/sweep=a"),
            busy,
            () -> {},
            false);

    assertThat(trials.names()).contains(result(0).trialId(), result(1).trialId());
  }

  @Test
  @Timeout(60)
  void aListOfWhatIsReplacedThatIsThereButCannotBeFoundIsOneLine() throws IOException {
    append(0, Compaction.FILES);
    store.compact("a", Set.of());
    String list = allFiles("trials").stream().filter(name -> name.startsWith("_")).toList().get(0);
    ResultsStore refusing =
        refusing(
            folder.resolve("trials/sweep=a/" + list),
            new FileNotFoundException("(Permission denied)"));

    assertThatThrownBy(() -> refusing.bestEpochs("a"))
        .isInstanceOf(ResultsException.class)
        .hasMessageEndingWith(": (Permission denied)");
  }

  /** Whenever a folder is listed, a trial has been written and another one is being written. */
  public static final class BusyFileSystem extends OddFileSystem {

    private int listed;

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
      Path files = Path.of(path.toUri().getPath());
      Files.deleteIfExists(files.resolve("_writing-%d-x.parquet".formatted(listed++)));
      Files.createFile(files.resolve("_writing-%d-x.parquet".formatted(listed)));
      Files.createFile(files.resolve("trial-%d.parquet".formatted(listed)));
      return super.listStatus(path);
    }
  }

  static Stream<IOException> noProofs() {
    return Stream.of(
        new IOException("Could not obtain block: BP-1 file=/trials\nat the second line"),
        new AccessControlException("Permission denied: user=nobody, access=READ"),
        new InterruptedIOException("Interrupted while waiting for a datanode"));
  }

  @ParameterizedTest
  @MethodSource("noProofs")
  void aFileThatCannotBeReadNowIsNotTakenForDamaged(IOException refusal) throws IOException {
    append(0, 2);
    Path file = file("trials", 1);
    ResultsStore refusing = refusing(file, refusal);
    String reason =
        " in refusing:%s: refusing:%s cannot be read: %s"
            .formatted(folder, file, refusal.getMessage().lines().findFirst().orElseThrow());

    assertThatThrownBy(() -> refusing.prepare("a"))
        .isInstanceOf(ResultsException.class)
        .hasMessage("cannot prepare the tables" + reason);
    assertThatThrownBy(() -> refusing.table(Tables.TRIALS))
        .isInstanceOf(ResultsException.class)
        .hasMessage("cannot read the table trials" + reason);
    assertThatThrownBy(() -> refusing.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .isInstanceOf(ResultsException.class)
        .hasMessage("cannot read the table trials" + reason);
    assertThat(file).exists();
    assertThat(rows()).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trials", "epochs", "lags", "bias"})
  void trialsThatHaveLostRowsOfAnyTableAreMissingUntilTheyAreWrittenAgain(String table)
      throws IOException {
    List<TrialResult> lost = List.of(measured(1), measured(2));
    store.append(measured(0));
    store.append(lost);
    store.append(result(3));
    List<String> before = allRows();
    Path file = file(table, 1);
    cutOff(file, (int) Files.size(file) / 2);

    store.prepare("a");

    assertThat(file).doesNotExist();
    assertThat(file.resolveSibling("_damaged-" + file.getFileName())).exists();
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactlyInAnyOrder(result(0).trialId(), result(3).trialId());
    store.remove("a", Set.of(result(1).trialId(), result(2).trialId()));
    store.append(lost);
    assertThat(allRows()).isEqualTo(before).hasSize(4 + 5 + 3 + 3);
  }

  @Test
  void trialsThatHaveLostAllThatWasMeasuredOrSomeEpochsAreMissingToo() throws IOException {
    for (int i = 0; i < 3; i++) {
      store.append(measured(i));
    }
    store.append(result(3));
    cutOff(file("lags", 0), 100);
    cutOff(file("bias", 0), 100);
    cutOff(file("bias", 1), 0);
    store.appendEpochs("a", result(3).trialId(), result(3).outcome().epochs().subList(0, 1));

    store.prepare("a");

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactly(result(2).trialId());
  }

  @Test
  void whoeverIsKilledWhileDamageIsSetAsideLeavesTheTrialsMissing() throws IOException {
    append(0, 2);
    Path file = file("epochs", 1);
    cutOff(file, 100);
    ResultsStore refusing = refusing(file, new EOFException("it ends early"));
    Path aside = file.resolveSibling("_damaged-" + file.getFileName());
    Files.createDirectories(aside.resolve("in the way"));

    assertThatThrownBy(() -> refusing.prepare("a"))
        .isInstanceOf(ResultsException.class)
        .hasMessageStartingWith("cannot prepare the tables in refusing:" + folder);

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .containsExactly(result(0).trialId());
  }

  @ParameterizedTest
  @ValueSource(strings = {"trials", "epochs"})
  void whatAFileThatIsNotWholeHasReplacedCountsAgain(String table) throws IOException {
    append(0, Compaction.FILES);
    List<String> before = rows();
    store.compact("a", Set.of());
    Path merged = folder.resolve(table + "/sweep=a").resolve(files(table).get(Compaction.FILES));
    assertThat(merged.getFileName().toString()).startsWith("merged-1-");
    cutOff(merged, 0);

    store.deleteReplaced("a");
    assertThat(files(table)).hasSize(Compaction.FILES + 1);
    store.prepare("a");

    assertThat(rows()).isEqualTo(before);
    assertThat(files(table)).hasSize(Compaction.FILES);
    assertThat(merged.resolveSibling("_damaged-" + merged.getFileName())).exists();
    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED))).hasSize(Compaction.FILES);
  }

  @Test
  void trialsAreTakenOutOfMergedFilesToo() throws IOException {
    append(0, Compaction.FILES);
    store.compact("a", Set.of());
    append(Compaction.FILES, 1);

    store.remove("a", Set.of(result(3).trialId(), result(Compaction.FILES).trialId()));

    assertThat(store.trialIds("a", Set.of(TrialStatus.COMPLETED)))
        .hasSize(Compaction.FILES - 1)
        .doesNotContain(result(3).trialId(), result(Compaction.FILES).trialId());
    assertThat(rows()).hasSize(2 * (Compaction.FILES - 1));
  }

  @Test
  void aFileOfAnOlderSchemaIsMergedWithNullsInTheNewColumns() throws IOException {
    Table<TrialResult> older = new Table<>("trials", Tables.TRIALS.columns().subList(0, 3));
    write("older", older, result(99));
    append(0, Compaction.FILES - 1);

    store.compact("a", Set.of());
    store.deleteReplaced("a");

    assertThat(files("trials")).hasSize(1);
    Row old =
        store
            .table(Tables.TRIALS)
            .where("trial_id = '" + result(99).trialId() + "'")
            .collectAsList()
            .get(0);
    assertThat(old.<String>getAs("style")).isEqualTo("tf");
    assertThat(old.<Double>getAs("learning_rate")).isNull();
  }

  @Test
  void aFileSystemThatRefusesLeavesTheTablesAsTheyWere() throws IOException {
    append(0, Compaction.FILES);
    List<String> before = rows();
    Path trials = folder.resolve("trials/sweep=a");
    OddFileSystem.register(
        FullFileSystem.class, LocalSpark.session().sparkContext().hadoopConfiguration());
    ResultsStore full = new ResultsStore(LocalSpark.session(), "full:" + folder);

    assertThatThrownBy(() -> full.compact("a", Set.of()))
        .isInstanceOf(ResultsException.class)
        .hasMessage(
            "cannot write the table trials in full:" + folder + ": No space left on device");
    assertThatThrownBy(() -> full.append(result(50)))
        .isInstanceOf(ResultsException.class)
        .hasMessageEndingWith("No space left on device");

    assertThat(rows()).isEqualTo(before);
    try (Stream<Path> left = Files.list(trials)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("_writing"));
    }
  }

  private static void cutOff(Path file, int length) throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), length));
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  /** The file that a trial's rows were written to. */
  private Path file(String table, int seed) {
    return folder.resolve(table + "/sweep=a/" + result(seed).trialId() + ".parquet");
  }

  /** The same results on a file system that does not open this file. */
  private ResultsStore refusing(Path file, IOException reason) {
    RefusingFileSystem.refuse(file.getFileName().toString(), reason);
    OddFileSystem.register(
        RefusingFileSystem.class, LocalSpark.session().sparkContext().hadoopConfiguration());
    return new ResultsStore(LocalSpark.session(), "refusing:" + folder);
  }

  private void append(int first, int count) {
    for (int i = first; i < first + count; i++) {
      store.append(result(i));
    }
  }

  private void write(String name, TrialResult result) throws IOException {
    write(name, Tables.TRIALS, result);
  }

  private void write(String name, Table<TrialResult> table, TrialResult result) throws IOException {
    ParquetFile.write(
        new org.apache.hadoop.fs.Path(folder + "/trials/sweep=a/" + name + ".parquet"),
        table,
        List.of(result),
        new Configuration());
  }

  private static TrialResult result(int seed) {
    return TestTrials.result(
        "a",
        TestTrials.PTB,
        TestTrials.spec(new TensorFlowStyle(5), 0.1, seed),
        TrialStatus.COMPLETED,
        5.0,
        4.9);
  }

  /** The same trial as {@link #result}, but that something was measured. */
  private static TrialResult measured(int seed) {
    return TestTrials.measured(
        "a",
        TestTrials.spec(new TensorFlowStyle(5), 0.1, seed),
        new Diagnosis(1, List.of(new Lag(0, 4, 8, 2)), List.of(new Bias("W", 0.25, 0.97))));
  }

  /** Table and trial of every row. */
  private List<String> allRows() throws IOException {
    List<String> rows = new ArrayList<>();
    for (Table<?> table : List.of(Tables.TRIALS, Tables.EPOCHS, Tables.LAGS, Tables.BIAS)) {
      rows.addAll(read(table, row -> table.name() + " " + row.getString("trial_id", 0)));
    }
    return rows;
  }

  /** Every epoch of every trial that is in trials. */
  private List<String> rows() throws IOException {
    Map<String, Integer> bestEpochs =
        read(
                Tables.TRIALS,
                row -> Map.entry(row.getString("trial_id", 0), row.getInteger("best_epoch", 0)))
            .stream()
            .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
    return read(
            Tables.EPOCHS,
            row ->
                List.of(
                    row.getString("trial_id", 0),
                    row.getInteger("epoch", 0),
                    row.getDouble("valid_loss", 0)))
        .stream()
        .filter(row -> bestEpochs.containsKey(row.get(0)))
        .map(row -> row + " " + bestEpochs.get(row.get(0)))
        .sorted()
        .toList();
  }

  /** What is in the files that a reader takes; not by Spark, which takes a second each time. */
  private <T> List<T> read(Table<?> table, Function<Group, T> of) throws IOException {
    Configuration hadoop = new Configuration();
    List<String> columns = table.columns().stream().map(Column::name).toList();
    var sweep = new org.apache.hadoop.fs.Path(folder.resolve(table.name()) + "/sweep=a");
    return new TableFolder(sweep, hadoop, () -> {}, false)
        .read(
            files -> {
              List<T> rows = new ArrayList<>();
              for (org.apache.hadoop.fs.Path file : files) {
                ParquetFile.read(file, table, columns, hadoop, row -> rows.add(of.apply(row)));
              }
              return rows;
            });
  }

  private List<String> files(String table) throws IOException {
    return allFiles(table).stream()
        .filter(name -> name.endsWith(".parquet") && !name.startsWith("_"))
        .toList();
  }

  /** But the checksums, which are hidden, in alphabetical order. */
  private List<String> allFiles(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(table).resolve("sweep=a"))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
