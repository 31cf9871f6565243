package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tbptt.model.corpus.HeapNeed;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;

class TrialMemoryTest {

  @TempDir private Path folder;

  @Test
  void trialsThatHaveNoRoomTogetherAreRefusedBeforeTheStart() throws IOException {
    Plan plan = plan(100);
    long needed = TrialMemory.largest(plan);
    assertThat(needed).isBetween(100_000L, 10_000_000L);

    assertThatCode(() -> TrialMemory.require(plan, 2, 2 * needed, "--executor-memory"))
        .doesNotThrowAnyException();
    assertThatCode(() -> TrialMemory.require(plan, 2, 0, "--executor-memory"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> TrialMemory.require(plan, 3, 2 * needed, "--executor-memory"))
        .isInstanceOf(InvalidConfException.class)
        .hasMessageMatching(
            "tf bptt-steps=5 seq-len=5 needs \\d+ MB outside the heap, and 3 such trials train in one"
                + " process: --executor-memory must be at least \\d+m, is \\d+m; or use fewer"
                + " cores");
  }

  @Test
  void whatALocalMasterCannotHoldNamesTheDriversMemory() throws IOException {
    Plan plan = plan(60_000);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());

    assertThatThrownBy(() -> TrialMemory.require(plan, spark))
        .isInstanceOf(InvalidConfException.class)
        .hasMessageContaining(
            " such trials train in one process: --driver-memory must be at least ");
  }

  @Test
  void whatTheNativeCoreRefusesIsNamed() throws IOException {
    assumeThat(NativeLibrary.problem()).isEmpty();
    Plan plan = plan(70_000);

    assertThatThrownBy(() -> TrialMemory.largest(plan))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage(
            "tf bptt-steps=5 seq-len=5 cannot be computed by the native core: config.hidden 70000:"
                + " allowed 1..65536");
  }

  @Test
  void anExecutorsTrialsAreCountedByItsCoresOrByWhatIsThere() {
    SparkConf unset = new SparkConf(false);
    SparkConf four = new SparkConf(false).set("spark.executor.cores", "4");
    SparkConf twoEach = four.clone().set("spark.task.cpus", "2");

    assertThat(TrialMemory.perExecutor(unset, 16, 2)).isEqualTo(8);
    assertThat(TrialMemory.perExecutor(unset, 5, 2)).isEqualTo(3);
    assertThat(TrialMemory.perExecutor(unset, 0, 0)).isEqualTo(1);
    assertThat(TrialMemory.perExecutor(four, 16, 2)).isEqualTo(4);
    assertThat(TrialMemory.perExecutor(twoEach, 8, 2)).isEqualTo(2);
  }

  @Test
  void theFirstExecutorIsWaitedForButNotForEver() {
    AtomicInteger looks = new AtomicInteger();

    assertThat(TrialMemory.first(() -> looks.incrementAndGet() < 3 ? 0 : 2, Duration.ofMinutes(1)))
        .isEqualTo(2);
    assertThat(TrialMemory.first(() -> 0, Duration.ofMillis(1))).isZero();
  }

  @Test
  void anExecutorThatCannotHoldTheCorpusIsRefused() throws IOException {
    Plan plan = plan(100);
    long needed = HeapNeed.of(plan.corpus());

    assertThatCode(() -> TrialMemory.requireHeap(plan, needed)).doesNotThrowAnyException();
    assertThatThrownBy(() -> TrialMemory.requireHeap(plan, 200 << 20))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage(
            "corpus "
                + plan.corpus().id()
                + " needs a heap of 257 MB on each executor: --executor-memory must be at least"
                + " 257m, is 200m");
  }

  @ParameterizedTest
  @CsvSource({"4096, 4096", "4096m, 4096", "4g, 4096", "524288k, 512", "2147483648b, 2048"})
  void anExecutorsMemoryIsReadAsSparkReadsIt(String written, long megabytes) {
    SparkConf conf = new SparkConf(false).set("spark.executor.memory", written);

    assertThat(TrialMemory.executorBytes(conf)).isEqualTo(megabytes << 20);
  }

  @Test
  void anExecutorHasOneGigabyteUnlessToldOtherwise() {
    assertThat(TrialMemory.executorBytes(new SparkConf(false))).isEqualTo(1L << 30);
  }

  @Test
  void anExecutorInAContainerNeedsRoomBesideItsHeap() throws IOException {
    Plan plan = plan(1000);
    SparkConf usual = new SparkConf(false).set("spark.master", "yarn");
    SparkConf enough = usual.clone().set("spark.executor.memoryOverhead", "2g");

    assertThatThrownBy(() -> TrialMemory.requireOverhead(plan, 20, usual))
        .isInstanceOf(InvalidConfException.class)
        .hasMessageMatching(
            "tf bptt-steps=5 seq-len=5 needs \\d+ MB outside the heap, 20 such trials train in one"
                + " executor, and its JVM needs 330 MB: spark.executor.memoryOverhead must be at"
                + " least \\d+m, is 384m");
    assertThatCode(() -> TrialMemory.requireOverhead(plan, 1, usual)).doesNotThrowAnyException();
    assertThatCode(() -> TrialMemory.requireOverhead(plan, 20, enough)).doesNotThrowAnyException();
    assertThatCode(
            () ->
                TrialMemory.requireOverhead(
                    plan, 20, usual.clone().set("spark.master", "spark://host:7077")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "yarn, spark.executor.memory=1g, 384",
    "yarn, spark.executor.memory=10g, 1024",
    "yarn, spark.executor.memoryOverhead=500, 500",
    "yarn, spark.executor.memoryOverheadFactor=0.5, 512",
    "yarn, spark.kubernetes.memoryOverheadFactor=0.5, 384",
    "k8s://https://host, spark.executor.memory=10g, 1024",
    "k8s://https://host, spark.kubernetes.memoryOverheadFactor=0.5, 512",
    "k8s://https://host, spark.executor.memoryOverhead=2g, 2048",
  })
  void whatAContainerHasBesideTheHeapIsAsSparkComputesIt(
      String master, String setting, long megabytes) {
    String[] words = setting.split("=", -1);
    SparkConf conf = new SparkConf(false).set("spark.master", master).set(words[0], words[1]);

    assertThat(TrialMemory.overheadBytes(conf)).isEqualTo(megabytes << 20);
  }

  @Test
  void measurementsOfGradientsCount() throws IOException {
    long without = TrialMemory.largest(plan(100));
    long with = TrialMemory.largest(plan(100, "sweep.diagnostics { windows = 1, max-lag = 20 }"));

    assertThat(with).isBetween(2 * without, 10 * without);
  }

  private Plan plan(int stateSize) throws IOException {
    return plan(stateSize, "");
  }

  private Plan plan(int stateSize, String more) throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid { truncation = {bptt-steps = 5, seq-len = 10}, style = tf, learning-rate = 0.01 }
              model { state-size = %d, embed-size = 3 }
              training { epochs = 1, batch-size = 20 }
            }
            %s
            """
                .formatted(stateSize, more));
    SweepConfig config = SweepConfig.load(conf, List.of());
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder + "/results");
    return Plan.of(config, Grid.expand(config), config.loadCorpus(), store, false);
  }
}
