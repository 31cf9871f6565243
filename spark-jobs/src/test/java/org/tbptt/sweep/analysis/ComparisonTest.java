package org.tbptt.sweep.analysis;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.results.ResultsStore;

/** What is compared of the {@link ComparedSweeps}. */
class ComparisonTest {

  @TempDir private static Path folder;
  private static Map<String, List<Row>> sweeps;
  private static Map<String, List<Row>> settings;
  private static Map<String, List<Row>> trials;

  /** Spark answers for all sweeps at once; each comparison is of rows. */
  @BeforeAll
  static void query() {
    SparkSession spark = LocalSpark.session();
    ResultsStore store = new ResultsStore(spark, folder.resolve("all").toString());
    new ComparedSweeps().writeTo(store);
    Queries queries = new Queries(spark, store);
    sweeps = bySweep(queries, "sweeps.sql");
    settings = bySweep(queries, "compare.sql");
    trials = bySweep(queries, "compare_trials.sql");
  }

  static Map<String, List<Row>> bySweep(Queries queries, String resource) {
    String ofAll = Queries.text(resource).replace("sweep = :sweep", "true");
    return queries.query(ofAll).collectAsList().stream()
        .collect(groupingBy(row -> row.getAs("sweep")));
  }

  @Test
  void thePublishedLossesStandBesideThoseOfTheSameSettings() {
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
                + " try --set 'sweep.grid.seed=[1,2,3]'");
  }

  @ParameterizedTest
  @CsvSource({
    "zaremba, 20, 1, 4.500* [4.80 -0.299], 13 epochs by TensorFlow's tutorial", // ln 121.4
    "zaremba-medium, 35, 2, 4.500* [4.46 +0.043], '39 epochs by Zaremba, Sutskever and Vinyals (2014)'", // ln 86.2
  })
  void thePublishedLossesOfLstmsStandBesideThoseOfTheirConfFiles(
      String sweep, String bpttSteps, int lines, String loss, String epochs) {
    assertThat(compare(sweep))
        .satisfies(
            all ->
                assertThat(all.stream().filter(line -> line.startsWith(bpttSteps + " ")))
                    .hasSize(lines)
                    .allMatch(line -> line.endsWith(loss)))
        .anyMatch(line -> line.startsWith("[] published after " + epochs + ", and the difference"));
  }

  @Test
  void whatNeedsNoNetworkStandsBelowTheTable() {
    assertThat(compare("other", List.of(baseline("uniform", 9.21034), baseline("unigram", 6.5))))
        .contains("without a network, nats per token: uniform 9.210, unigram 6.500")
        .noneMatch(line -> line.contains("worse than unigram"));
  }

  @Test
  void aLossAboveTheUnigramsIsSaidToBe() {
    assertThat(compare("carry", List.of(baseline("uniform", 9.21034), baseline("unigram", 5.09))))
        .contains("40          tf     5.100* (worse than unigram)")
        .contains(
            "worse than unigram: the network predicts worse than word frequencies alone;"
                + " docs/lags.md, \"Worse than unigram\", gives the usual cause");
  }

  @Test
  void aTrialOfAnotherCorpusIsNotComparedWithThisOnesUnigram() {
    assertThat(compare("other", List.of(baseline("uniform", 9.21034), baseline("unigram", 5.09))))
        .contains("5           true, seq 20  5.100*")
        .noneMatch(line -> line.contains("worse than unigram"));
  }

  @Test
  void whatATrialOfAnotherCorpusHasLearnedIsNotKnown() {
    assertThat(compareInCells("toys"))
        .contains("9 | tf | " + TestTrials.PTB + " | 0.460* | lags 3 and 8")
        .contains("9 | tf | toy-before | 0.460* | -");
  }

  private static Row baseline(String model, double loss) {
    StructType schema =
        new StructType().add("model", DataTypes.StringType).add("valid_loss", DataTypes.DoubleType);
    return new GenericRowWithSchema(new Object[] {model, loss}, schema);
  }

  @Test
  void otherSettingsThanThePublishedOnesHaveNothingBesideThem() {
    assertThat(compare("other"))
        .contains("5           true, seq 20  5.100*")
        .noneMatch(line -> line.contains("["));
  }

  @Test
  void historyWasNotPublishedEither() {
    assertThat(compare("history"))
        .contains("5           true, seq 20, history  5.100*")
        .noneMatch(line -> line.contains("["));
  }

  @ParameterizedTest
  @ValueSource(strings = {"carry", "update-every", "normalisation"})
  void onlyWhatWasPublishedStandsBesideATrial(String sweepWithAnother) {
    assertThat(compare(sweepWithAnother))
        .contains("40          tf     5.100*")
        .noneMatch(line -> line.contains("["));
  }

  @Test
  void seedsBecomeTheirMeanAndSpread() {
    assertThat(compare("seeds"))
        .contains("7           true, seq 20  5.020 ±0.006*")
        .contains("± standard error over seeds; the loss is their mean");
  }

  @Test
  void stylesAreComparedOverTheSeedsOfEachPoint() {
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
  void truncationsOfOneStyleAreComparedWithEachOther() {
    assertThat(compareInCells("own"))
        .containsSubsequence(
            "style | against | bptt_steps | lr | difference | seeds | verdict",
            "random, seq 30, pi 0.5 | random, seq 30, pi 0.9 | 30 | 0.003 | -0.125 ±0.000 | 3 | better",
            "interval, seq 20, k1 2 | interval, seq 20, k1 5 | 10 | 0.003 | 0.500 ±0.000 | 3 | worse");
    assertThat(compareInCells("crossing"))
        .containsSubsequence(
            "true, seq 20 | true, seq 20, history | 5 | 0.003 | 0.250 ±0.000 | 3 | worse",
            "true, seq 20 | true, seq 20, history | 5 | 0.001 | 0.250 ±0.000 | 3 | worse",
            "true | true, history | all | all | 0.250 ±0.000 | 3 | worse");
  }

  @Test
  void truncationsThatDifferInTheirWindowsOrInTheirStepsAloneAreComparedToo() {
    assertThat(compareInCells("windows"))
        .containsSubsequence(
            "style | against | bptt_steps | lr | difference | seeds | verdict",
            "true, seq 20 | true, seq 40 | 5 | 0.003 | -0.500 ±0.000 | 3 | better",
            "style | against | seq_len | lr | difference | seeds | verdict",
            "true, seq 40, n 5 | true, seq 40, n 10 | 40 | 0.003 | 0.250 ±0.000 | 3 | worse");
  }

  @Test
  void adaptiveHasNoBpttStepsToBeComparedAt() {
    String first = "adaptive, seq 20, delta 0.1, n 5 at first";
    String second = "adaptive, seq 20, delta 0.5, n 5 at first";
    assertThat(compareInCells("adaptive"))
        .containsSubsequence(
            "true, seq 20, n 5 | " + first + " | 20 | 0.003 | -0.250 ±0.000 | 3 | better",
            "true, seq 20, n 5 | " + second + " | 20 | 0.003 | 0.250 ±0.000 | 3 | worse",
            first + " | " + second + " | 20 | 0.003 | 0.500 ±0.000 | 3 | worse")
        .noneMatch(line -> line.contains("at equal bptt_steps"));
  }

  /** Windows of sentences have no common length. */
  @Test
  void sentencesAreComparedAtEqualBpttStepsAlone() {
    assertThat(compareInCells("sentences"))
        .contains("tf | sentence | 5 | 0.003 | 0.100 ±0.000 | 2 | worse")
        .noneMatch(line -> line.contains("at equal seq_len"));
  }

  @Test
  void onlyPointsWithEverySeedCountTowardsSeveralWhichSaysHowManyTheyAre() {
    assertThat(compareInCells("gaps"))
        .containsSubsequence(
            "true, seq 20 | tf | 10 | 0.001 | -4.000 | 1 | cannot tell",
            "true | tf | 2 of 3 points | 0.003 | 0.375 ±0.000 | 2 | worse");
  }

  @Test
  void aTrialOfDl4jThatFailedIsDl4js() {
    assertThat(compareInCells("dl4j"))
        .contains("5 | tf | dl4j | failed | -", "5 | tf | tbptt | 5.000* | 2,000");
  }

  @Test
  void oneSeedCannotTellStylesApart() {
    assertThat(compare("one"))
        .endsWith(
            "",
            "Style against style: cannot tell, one seed does not show what is chance;"
                + " try --set 'sweep.grid.seed=[1,2,3]'");
  }

  @Test
  void trialsOfOneSeedByTwoEnginesAreOneRepetition() {
    assertThat(compare("engines"))
        .contains(
            "5           true, seq 20  5.100*",
            "Style against style: cannot tell, one seed does not show what is chance;"
                + " try --set 'sweep.grid.seed=[1,2,3]'");
  }

  @Test
  void lossesOnTwoCorporaAreNotAveraged() {
    assertThat(compare("data"))
        .contains(
            "bptt_steps  style  corpus_id  lr 0.003",
            "7           tf     toy-1      0.500*",
            "7           tf     toy-2      0.700*");
  }

  @Test
  void aTrialThatFailedHasNoLossAndIsCountedBesideThoseThatHave() {
    assertThat(compare("lost"))
        .contains("7           tf            5.100 ±0.100* (1 failed)")
        .contains(
            "true, seq 20  tf       7           0.003  0.400 ±1.271  2      no difference shown");
  }

  @Test
  void trialsWithoutALossSayWhyAndAreNeverTheLowest() {
    assertThat(compare("bad")).contains("7           true, seq 20  diverged  failed");
  }

  @Test
  void theToysEntropiesTellWhatWasLearned() {
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
    assertThat(compare("wide"))
        .contains(
            "bptt_steps  style  state_size  lr 0.01",
            "5           tf     50          5.200*",
            "5           tf     100         5.000*");
  }

  @Test
  void withoutANameTheSweepThatWasRunLastIsCompared() {
    SparkSession another = LocalSpark.session();
    ResultsStore store = new ResultsStore(another, folder.resolve("two").toString());
    store.describe(ComparedSweeps.record("old", 1, 0));
    store.describe(ComparedSweeps.record("new", 2, 60));
    Queries queries = new Queries(another, store);

    assertThat(SweepState.find(queries, Optional.empty()).name()).isEqualTo("new");
    assertThat(SweepState.find(queries, Optional.of("old")).planned()).isEqualTo(1);
    assertThatThrownBy(() -> SweepState.find(queries, Optional.of("odl")))
        .isInstanceOf(ResultsException.class)
        .hasMessage("sweep odl is not in the results; there are: new, old");
  }

  private static List<String> compareInCells(String sweep) {
    return compare(sweep).stream().map(line -> line.replaceAll(" {2,}", " | ")).toList();
  }

  private static List<String> compare(String sweep) {
    return compare(sweep, List.of());
  }

  private static List<String> compare(String sweep, List<Row> baselines) {
    return Comparison.of(
            SweepState.of(sweeps.get(sweep).get(0)),
            settings.get(sweep),
            trials.getOrDefault(sweep, List.of()),
            baselines,
            Optional.empty())
        .lines();
  }
}
