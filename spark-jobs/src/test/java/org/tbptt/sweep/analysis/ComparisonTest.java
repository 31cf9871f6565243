package org.tbptt.sweep.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.train.EngineChoice;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;

class ComparisonTest {

  private static final String PTB_CONF =
      "{\"sweep\":{\"corpus\":{\"kind\":\"ptb\",\"path\":\"x\"}}}";
  private static final String TOY_CONF = "{\"sweep\":{\"corpus\":{\"kind\":\"toy\"}}}";

  @TempDir private Path folder;
  private SparkSession spark;
  private ResultsStore store;

  @BeforeEach
  void open() {
    spark = LocalSpark.session();
    store = new ResultsStore(spark, folder.toString());
  }

  @Test
  void thePublishedLossesStandBesideThoseOfTheSameSettings() {
    describe("ptb", PTB_CONF, 21, 0);
    add("ptb", new TrueStyle(5, 20), 0.003, 1, 5.6, 5.125);
    add("ptb", new TrueStyle(5, 20), 0.001, 1, 5.7, 5.054);
    add("ptb", new TensorFlowStyle(5), 0.003, 1, 5.187);
    add("ptb", new TensorFlowStyle(40), 0.0003, 1, 5.153);

    assertThat(compare("ptb"))
        .containsExactly(
            "Sweep ptb: lowest validation loss, nats per token; 4 of 21 trials ended",
            "",
            "bptt_steps  style         lr 0.003              lr 0.001              lr 0.0003",
            "5           true, seq 20  5.125  [5.12 +0.005]  5.054* [5.01 +0.044]  -",
            "5           tf            5.187* [5.21 -0.023]  -                     -",
            "40          tf            -                     -                     5.153* [5.15 +0.003]",
            "",
            "* lowest of its row",
            "[] published after 20 epochs by r2rt, \"Styles of Truncated Backpropagation\","
                + " and the difference; epochs here: 2",
            "of 4 published losses 2 are met within 0.02, 3 within 0.03;"
                + " furthest off: +0.044 at 5 true, seq 20, lr 0.001",
            "",
            "Style against style: cannot tell, one seed does not show what is chance;"
                + " --set sweep.grid.seed=[1,2,3] would");
  }

  @Test
  void otherSettingsThanThePublishedOnesHaveNothingBesideThem() {
    describe("other", PTB_CONF, 1, 0);
    store.append(
        TestTrials.result(
            "other",
            "ptb-of-another-kind",
            TestTrials.spec(new TrueStyle(5, 20), 0.003, 1),
            TrialStatus.COMPLETED,
            5.1));

    assertThat(compare("other"))
        .contains("5           true, seq 20  5.100*")
        .noneMatch(line -> line.contains("["));
  }

  @Test
  void historyWasNotPublishedEither() {
    describe("history", PTB_CONF, 1, 0);
    add("history", new TrueStyle(5, 20, true), 0.003, 1, 5.1);

    assertThat(compare("history"))
        .contains("5           true, seq 20, history  5.100*")
        .noneMatch(line -> line.contains("["));
  }

  @ParameterizedTest
  @MethodSource("settingsThatWereNotPublished")
  void onlyWhatWasPublishedStandsBesideATrial(RnnModel model, int updateEvery, Normalisation by) {
    Training published = TestTrials.spec(new TensorFlowStyle(40), 0.003, 1).training();
    Training training =
        new Training(
            published.epochs(),
            published.batchSize(),
            updateEvery,
            published.optimizer(),
            published.momentum(),
            published.rmsDecay(),
            published.learningRate(),
            published.schedule(),
            by,
            published.clipNorm(),
            published.engine(),
            published.precision());
    describe("settings", PTB_CONF, 1, 0);
    store.append(
        TestTrials.result(
            "settings",
            TestTrials.PTB,
            new TrialSpec(new TensorFlowStyle(40), model, training, 1),
            TrialStatus.COMPLETED,
            5.1));

    assertThat(compare("settings"))
        .contains("40          tf     5.100*")
        .noneMatch(line -> line.contains("["));
  }

  static Stream<Arguments> settingsThatWereNotPublished() {
    RnnModel published = TestTrials.spec(new TensorFlowStyle(40), 0.003, 1).model();
    RnnModel carriesTheState =
        new RnnModel(
            published.cell(),
            published.stateSize(),
            published.embedSize(),
            published.keepProb(),
            published.init(),
            Carry.STATE);
    return Stream.of(
        arguments(carriesTheState, 0, Normalisation.R2RT),
        arguments(published, 10, Normalisation.MEAN),
        arguments(published, 0, Normalisation.MEAN));
  }

  @Test
  void seedsBecomeTheirMeanAndSpread() {
    describe("seeds", PTB_CONF, 3, 0);
    for (int seed = 1; seed <= 3; seed++) {
      add("seeds", new TrueStyle(7, 20), 0.003, seed, 5 + 0.01 * seed);
    }

    assertThat(compare("seeds"))
        .contains("7           true, seq 20  5.020 ±0.006*")
        .contains("± standard error over seeds; the loss is their mean");
  }

  @Test
  void stylesAreComparedOverTheSeedsOfEachPoint() {
    describe("styles", PTB_CONF, 12, 0);
    double[] noise = {0.01, 0.02, 0.03};
    for (int seed = 1; seed <= 3; seed++) {
      add("styles", new TensorFlowStyle(5), 0.003, seed, 5.2);
      add("styles", new TrueStyle(5, 20), 0.003, seed, 5.1 + noise[seed - 1]);
      add("styles", new TensorFlowStyle(10), 0.003, seed, 5.0);
      add("styles", new TrueStyle(10, 20), 0.003, seed, 5.0 - noise[seed - 1]);
    }

    // t(0.975, 2) = 4.3027, the standard error of both points is 0.01 / sqrt(3).
    assertThat(compare("styles"))
        .containsSubsequence(
            "Style against style at equal bptt_steps, paired by setting and seed:"
                + " difference in nats per token",
            "style         against  bptt_steps  lr     difference     seeds  verdict",
            "true, seq 20  tf       5           0.003  -0.080 ±0.025  3      better",
            "true, seq 20  tf       10          0.003  -0.020 ±0.025  3      no difference shown",
            "true          tf       all         all    -0.050 ±0.000  3      better",
            "± 95% confidence interval over the seeds, Student's t; below 0 the first style is"
                + " better");
  }

  @Test
  void stylesWithWindowsOfOneLengthAreComparedToo() {
    describe("lengths", PTB_CONF, 12, 0);
    for (int seed = 1; seed <= 2; seed++) {
      add("lengths", new TensorFlowStyle(20), 0.003, seed, 5.0);
      add("lengths", new TrueStyle(5, 20), 0.003, seed, 5.5);
    }

    assertThat(compare("lengths"))
        .containsSubsequence(
            "Style against style at equal seq_len, paired by setting and seed:"
                + " difference in nats per token",
            "",
            "style              against   seq_len  lr     difference    seeds  verdict",
            "true, seq 20, n 5  tf, n 20  20       0.003  0.500 ±0.000  2      worse",
            "",
            "± 95% confidence interval over the seeds, Student's t; below 0 the first style is"
                + " better")
        .noneMatch(line -> line.contains("at equal bptt_steps"));
  }

  @Test
  void truncationsOfOneStyleAreComparedToo() {
    describe("kinds", PTB_CONF, 12, 0);
    for (int seed = 1; seed <= 2; seed++) {
      add("kinds", new TrueStyle(5, 20), 0.003, seed, 5.0);
      add("kinds", new TrueStyle(5, 20, true), 0.003, seed, 4.9);
      add("kinds", new IntervalStyle(2, 10, 20, false), 0.003, seed, 5.25);
      add("kinds", new IntervalStyle(5, 10, 20, false), 0.003, seed, 5.5);
    }

    assertThat(compare("kinds"))
        .containsSubsequence(
            "Style against style at equal bptt_steps, paired by setting and seed:"
                + " difference in nats per token",
            "true, seq 20, history   true, seq 20            5           0.003  -0.100 ±0.000  2      better",
            "interval, seq 20, k1 5  interval, seq 20, k1 2  10          0.003  0.250 ±0.000   2      worse",
            "Style against style at equal seq_len, paired by setting and seed:"
                + " difference in nats per token",
            "true, seq 20, n 5           interval, seq 20, k1 5, n 10  20       0.003  -0.500 ±0.000  2      better")
        .filteredOn(line -> line.contains("history") && line.contains("true, seq 20 "))
        .hasSize(1);
  }

  @Test
  void adaptiveHasNoBpttStepsToShareWithAnother() {
    describe("adaptive", PTB_CONF, 4, 0);
    for (int seed = 1; seed <= 2; seed++) {
      TrialSpec fixed = TestTrials.spec(new TrueStyle(5, 20), 0.003, seed);
      TrialSpec adaptive =
          new TrialSpec(
              new AdaptiveStyle(0.1, 5, 20),
              fixed.model(),
              fixed.training(),
              new Diagnostics(1, 8, 0),
              seed);
      store.append(
          TestTrials.result("adaptive", TestTrials.PTB, adaptive, TrialStatus.COMPLETED, 5.0));
      add("adaptive", new TrueStyle(5, 20), 0.003, seed, 5.5);
    }

    assertThat(compare("adaptive"))
        .noneMatch(line -> line.contains("at equal bptt_steps"))
        .contains(
            "true, seq 20, n 5  adaptive, seq 20, delta 0.1  20       0.003  0.500 ±0.000  2      worse");
  }

  @Test
  void onlyPointsWithEverySeedCountTowardsAllPoints() {
    describe("gaps", PTB_CONF, 12, 0);
    for (int seed = 1; seed <= 2; seed++) {
      add("gaps", new TensorFlowStyle(5), 0.003, seed, 5.0);
      add("gaps", new TrueStyle(5, 20), 0.003, seed, 5.5);
    }
    add("gaps", new TensorFlowStyle(10), 0.003, 1, 5.0);
    add("gaps", new TrueStyle(10, 20), 0.003, 1, 1.0);

    assertThat(compare("gaps"))
        .contains(
            "true, seq 20  tf       10          0.003  -4.000        1      cannot tell",
            "true          tf       all         all    0.500 ±0.000  2      worse");
  }

  @Test
  void oneSeedCannotTellStylesApart() {
    describe("one", PTB_CONF, 2, 0);
    add("one", new TensorFlowStyle(5), 0.003, 1, 5.2);
    add("one", new TrueStyle(5, 20), 0.003, 1, 4.2);

    assertThat(compare("one"))
        .endsWith(
            "",
            "Style against style: cannot tell, one seed does not show what is chance;"
                + " --set sweep.grid.seed=[1,2,3] would");
  }

  @Test
  void trialsOfOneSeedByTwoEnginesAreOneRepetition() {
    describe("engines", PTB_CONF, 4, 0);
    for (EngineChoice engine : List.of(EngineChoice.ND4J, EngineChoice.NATIVE)) {
      add("engines", engine, new TensorFlowStyle(5), 5.2);
      add("engines", engine, new TrueStyle(5, 20), 5.1);
    }

    assertThat(compare("engines"))
        .contains(
            "5           true, seq 20  5.100*",
            "Style against style: cannot tell, one seed does not show what is chance;"
                + " --set sweep.grid.seed=[1,2,3] would");
  }

  @Test
  void lossesOnTwoCorporaAreNotAveraged() {
    describe("data", PTB_CONF, 2, 0);
    TrialSpec spec = TestTrials.spec(new TensorFlowStyle(7), 0.003, 1);
    store.append(TestTrials.result("data", "toy-1", spec, TrialStatus.COMPLETED, 0.5));
    store.append(TestTrials.result("data", "toy-2", spec, TrialStatus.COMPLETED, 0.7));

    assertThat(compare("data"))
        .contains(
            "bptt_steps  style  corpus_id  lr 0.003",
            "7           tf     toy-1      0.500*",
            "7           tf     toy-2      0.700*");
  }

  @Test
  void aTrialThatFailedHasNoLossAndIsCountedBesideThoseThatHave() {
    describe("lost", PTB_CONF, 4, 0);
    add("lost", new TensorFlowStyle(7), 0.003, 1, 5.0);
    add("lost", new TensorFlowStyle(7), 0.003, 2, 5.2);
    for (int seed = 1; seed <= 2; seed++) {
      add("lost", new TrueStyle(7, 20), 0.003, seed, 5.5);
    }
    TrialSpec third = TestTrials.spec(new TensorFlowStyle(7), 0.003, 3);
    store.append(TestTrials.result("lost", TestTrials.PTB, third, TrialStatus.FAILED, 4.0));
    add("lost", new TrueStyle(7, 20), 0.003, 3, 5.5);

    assertThat(compare("lost"))
        .contains("7           tf            5.100 ±0.100* (1 failed)")
        .contains(
            "true, seq 20  tf       7           0.003  0.400 ±1.271  2      no difference shown");
  }

  @Test
  void trialsWithoutALossSayWhyAndAreNeverTheLowest() {
    describe("bad", PTB_CONF, 2, 0);
    TrialSpec diverged = TestTrials.spec(new TrueStyle(7, 20), 1.0, 1);
    store.append(TestTrials.result("bad", "c", diverged, TrialStatus.DIVERGED, Double.NaN));
    TrialSpec failed = TestTrials.spec(new TrueStyle(7, 20), 0.5, 1);
    store.append(TestTrials.result("bad", "c", failed, TrialStatus.FAILED));

    assertThat(compare("bad")).contains("7           true, seq 20  diverged  failed");
  }

  @Test
  void theToysEntropiesTellWhatWasLearned() {
    describe("toy", TOY_CONF, 3, 0);
    add("toy", new TensorFlowStyle(2), 0.01, 1, 0.663);
    add("toy", new TensorFlowStyle(5), 0.01, 1, 0.525);
    add("toy", new TensorFlowStyle(9), 0.01, 1, 0.46);

    assertThat(compare("toy"))
        .contains(
            "2           tf     0.663*   neither lag",
            "5           tf     0.525*   lag 3 only",
            "9           tf     0.460*   lags 3 and 8",
            "known entropies of this data, nats per token: neither lag 0.662,"
                + " lag 3 only 0.519, lags 3 and 8 0.454");
  }

  @Test
  void settingsThatVaryBecomeColumns() {
    describe("wide", PTB_CONF, 2, 0);
    add("wide", new TensorFlowStyle(5), 0.01, 1, 5.0);
    TrialSpec base = TestTrials.spec(new TensorFlowStyle(5), 0.01, 1);
    var model = base.model();
    TrialSpec small =
        new TrialSpec(
            base.truncation(),
            new org.tbptt.model.core.RnnModel(
                model.cell(), 50, 50, 0.8, model.init(), model.carry()),
            base.training(),
            1);
    store.append(TestTrials.result("wide", TestTrials.PTB, small, TrialStatus.COMPLETED, 5.2));

    assertThat(compare("wide"))
        .contains(
            "bptt_steps  style  state_size  lr 0.01",
            "5           tf     50          5.200*",
            "5           tf     100         5.000*");
  }

  @Test
  void withoutANameTheSweepThatWasRunLastIsCompared() {
    describe("old", PTB_CONF, 1, 0);
    describe("new", PTB_CONF, 2, 60);

    Queries queries = new Queries(spark, store);
    assertThat(SweepState.find(queries, Optional.empty()).name()).isEqualTo("new");
    assertThat(SweepState.find(queries, Optional.of("old")).planned()).isEqualTo(1);
    assertThatThrownBy(() -> SweepState.find(queries, Optional.of("odl")))
        .isInstanceOf(ResultsException.class)
        .hasMessage("sweep odl is not in the results; there are: new, old");
  }

  private List<String> compare(String sweep) {
    Queries queries = new Queries(spark, store);
    return Comparison.of(queries, SweepState.find(queries, Optional.of(sweep))).lines();
  }

  private void add(
      String sweep,
      org.tbptt.model.truncation.Truncation truncation,
      double rate,
      long seed,
      double... losses) {
    TrialSpec spec = TestTrials.spec(truncation, rate, seed);
    store.append(TestTrials.result(sweep, TestTrials.PTB, spec, TrialStatus.COMPLETED, losses));
  }

  private void add(
      String sweep,
      EngineChoice engine,
      org.tbptt.model.truncation.Truncation truncation,
      double loss) {
    TrialSpec spec = TestTrials.spec(truncation, 0.003, 1);
    Training by = spec.training();
    Training training =
        new Training(
            by.epochs(),
            by.batchSize(),
            by.updateEvery(),
            by.optimizer(),
            by.momentum(),
            by.rmsDecay(),
            by.learningRate(),
            by.schedule(),
            by.normalisation(),
            by.clipNorm(),
            engine,
            by.precision());
    store.append(
        TestTrials.result(
            sweep,
            "c",
            new TrialSpec(truncation, spec.model(), training, 1),
            TrialStatus.COMPLETED,
            loss));
  }

  private void describe(String sweep, String conf, int planned, int secondsLater) {
    store.describe(
        new SweepRecord(
            sweep,
            conf,
            TestTrials.PTB,
            10_000,
            929_589,
            73_760,
            82_430,
            planned,
            "0.1.0",
            "3.5.9",
            Instant.EPOCH.plusSeconds(secondsLater)));
  }
}
