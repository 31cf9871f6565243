package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.results.TrialRung;
import org.tbptt.sweep.stopping.Decision;

/** The report's pages as a browser shows them; screenshots stay under target/screenshots. */
@WithBrowser
class ReportPageIT {

  private static final String EVIL = "<script>alert(1)</script>";

  /** Of the colours of styles, in Ottosson's OKLab (2020), in which 1 is from black to white. */
  private static final String LEAST_DIFFERENCE =
      """
      const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      const lab = colour => {
        const [r, g, b] = [1, 3, 5].map(i => linear(parseInt(colour.slice(i, i + 2), 16) / 255));
        const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
      };
      const labs = colours("--styles").slice(0, STYLE_COLOURS).map(lab);
      return least(labs.flatMap((a, i) => labs.slice(0, i).map(b => Math.hypot(...a.map((x, k) => x - b[k])))))
        + (labs.length < STYLE_COLOURS ? NaN : 0);
      """;

  @TempDir private static Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    browser = new Browser();
  }

  @AfterAll
  static void stop() {
    browser.close();
  }

  @AfterEach
  void nothingWasFetchedAndNothingWentWrong() {
    assertThat(browser.console()).isEmpty();
    assertThat(browser.requests()).isEmpty();
  }

  @Test
  @Tag("long")
  void theToySweepIsDrawnInEveryWidthAndScheme() throws IOException {
    Path page =
        toySweep(
            "sweep.corpus.train-length=20000",
            "sweep.training.epochs=2",
            "sweep.grid.learning-rate=[0.01,0.003]",
            "sweep.grid.seed=[1,2]");

    for (int width : List.of(400, 1600)) {
      for (String scheme : List.of("light", "dark")) {
        browser.open(page, width, scheme);
        browser.screenshot("toy-" + width + "-" + scheme);
        for (String chart : List.of("comparison", "curves", "rates", "cost", "parallel")) {
          assertThat(colours(chart)).as(chart + " " + width + " " + scheme).isGreaterThan(3);
        }
        long expected = width;
        assertThat(
                browser.<Long>await(
                    found -> found == expected, "return document.documentElement.scrollWidth"))
            .as("width of the page")
            .isEqualTo(expected);
      }
    }
    assertThat(text("#header")).contains("Sweep toy", "24 of 24 trials ended: 24 completed");
    assertThat(text("#styles")).contains("no difference shown");
  }

  @Test
  @Tag("long")
  void aTrialIsNamedWithoutTheSettingsThatItDoesNotHave() throws IOException {
    Path page =
        toySweep(
            "sweep.corpus.train-length=2000",
            "sweep.training.epochs=1",
            "sweep.grid.truncation={bptt-steps=5,seq-len=10}",
            "sweep.grid.style=[tf,{kind=true,update-every=5}]");
    browser.open(page, 1600, "light");

    assertThat(browser.ask("return trials.map(each => each.label).sort()"))
        .isEqualTo(
            List.of(
                "tf, bptt_steps 5, lr 0.01, seed 1",
                "true, seq 10, bptt_steps 5, lr 0.01, update_every 5, seed 1"));
  }

  @Test
  @Tag("long")
  void fiveHundredTrialsAreSoonThereAndCanBeFilteredSortedAndHighlighted() throws IOException {
    Path results = folder.resolve("many");
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    describe(store, EVIL, 500);
    store.append(fiveHundred());
    store.compact(EVIL, Set.of());
    Path page = report(results);
    assertThat(Files.size(page)).isLessThan(5_000_000);

    browser.open(page, 1600, "light");
    browser.screenshot("many-1600-light");
    System.err.printf(
        "report of 500 trials: %,d bytes, interactive after %s ms%n",
        Files.size(page), browser.ask("return document.documentElement.dataset.readyMilliseconds"));
    assertThat(browser.driver().getTitle()).isEqualTo(EVIL + " · TBPTT Sweep");
    assertThat(text("#header")).contains("Sweep " + EVIL, "500 of 500 trials ended");
    assertThat(rows()).hasSize(500);

    browser.driver().findElement(By.id("text")).sendKeys("failed");
    assertThat(rows()).hasSize(1);
    assertThat(rows().get(0)).contains("<img src=x onerror=alert(2)>");
    browser.driver().findElement(By.id("text")).clear();
    browser.driver().findElement(By.id("text")).sendKeys("seed 3, tf");
    assertThat(rows()).allMatch(row -> row.contains("tf")).hasSizeBetween(1, 250);
    browser
        .driver()
        .findElement(By.id("text"))
        .sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);

    WebElement loss = browser.driver().findElement(By.cssSelector("[data-sort='6']"));
    assertThat(loss.getText()).isEqualTo("lowest loss ▲");
    String lowest = rows().get(0);
    loss.sendKeys(Keys.ENTER);
    assertThat(browser.driver().switchTo().activeElement().getText()).isEqualTo("lowest loss ▼");
    assertThat(rows().get(0)).isNotEqualTo(lowest);

    long before = colours("curves");
    browser.driver().findElement(By.cssSelector("#highlight option:nth-child(2)")).click();
    assertThat(browser.driver().findElements(By.cssSelector("tr[aria-current]"))).hasSize(1);
    assertThat(colours("curves")).isNotEqualTo(before);
  }

  @Tag("long")
  @Test
  void gradientNormsAndBiasesAreDrawnWhereTheyWereMeasured() throws IOException {
    Path results = folder.resolve("lags");
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    describe(store, "lags", 2);
    List<Lag> lags =
        IntStream.range(0, 20).mapToObj(k -> new Lag(k, Math.pow(3, -k), 1, 1)).toList();
    for (int n : List.of(5, 20)) {
      store.append(
          TestTrials.measured(
              "lags",
              TestTrials.spec(new TensorFlowStyle(n), 0.003, 1),
              new Diagnosis(0, lags, List.of(new Bias(Bias.ALL, 0.9, 0.5))),
              new Diagnosis(1, lags.subList(0, n), List.of(new Bias(Bias.ALL, 1.0 / n, 0.9)))));
    }
    Path page = report(results);

    for (String scheme : List.of("light", "dark")) {
      browser.open(page, 1600, scheme);
      browser.screenshot("lags-1600-" + scheme);
      assertThat(colours("lags")).isGreaterThan(3);
      assertThat(colours("bias")).isGreaterThan(3);
    }
    browser.driver().findElement(By.cssSelector("#lags summary")).sendKeys(Keys.ENTER);
    // Of 1 + 1/3 + 1/9 + ... three terms are 96%.
    assertThat(text("#lags tbody tr")).contains("tf, bptt_steps", " 2 ", "1.00e+0 3.33e-1");
    browser.driver().findElement(By.cssSelector("#bias summary")).sendKeys(Keys.ENTER);
    assertThat(text("#bias tbody")).contains(" 1 0.2000 5.0000", " 1 0.0500 5.0000");
    assertThat(text("#bias tbody")).as("untrained networks have no loss").doesNotContain("0.9000");
  }

  @Test
  void aFirstEpochFarAboveTheRestDoesNotFlattenTheCurves() throws IOException {
    Path results = folder.resolve("falling");
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    describe(store, "falling", 1);
    double[] losses = {9.18, 5.96, 5.62, 5.44, 5.33, 5.27, 5.22, 5.19, 5.17, 5.16};
    store.append(
        TestTrials.result(
            "falling",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(40), 0.0003, 1),
            TrialStatus.COMPLETED,
            losses));
    browser.open(report(results), 1600, "light");
    browser.screenshot("falling-1600-light");

    assertThat(text("#curves")).contains("Higher losses are in the table.");
    assertThat(text("#trials")).doesNotContain("worse than unigram");
    browser.ask("data.levels = [{name: 'unigram', loss: 5.1}]; drawTrials();");
    assertThat(text("#trials tbody tr")).contains("5.1600", "worse than unigram");
    // 5.96 is the highest after the first epoch, and 0.8 above the lowest.
    assertThat(browser.ask("return upperEndOfCurves([[9.18, 5.96, 5.62, 5.44, 5.33, 5.27, 5.16]])"))
        .isEqualTo(6L);
    assertThat(browser.ask("return upperEndOfCurves([[5.6, 5.5, 5.4, 5.3]])")).isNull();
  }

  @Test
  @Tag("long")
  void twentyThousandTrialsOfTwentyEpochsAreNotTooManyForAnyChartOrTable() throws IOException {
    Path results = folder.resolve("huge");
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    describe(store, "huge", 1);
    double[] losses = IntStream.range(0, 20).mapToDouble(epoch -> 6 - 0.05 * epoch).toArray();
    store.append(
        TestTrials.result(
            "huge",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(40), 0.001, 1),
            TrialStatus.COMPLETED,
            losses));
    browser.open(report(results), 1600, "light");

    Object made =
        browser.ask(
            """
            const [first] = trials;
            for (let index = 1; index < 20000; index++) {
              const trial = {...first, trial_id: `t${index}`};
              trials.push(trial);
              trialsById.set(trial.trial_id, trial);
              data.curves[trial.trial_id] = data.curves[first.trial_id];
            }
            const shown = shownTrials();
            drawTrials();
            return [
              curves(shown).option.series[0].data.length,
              cost(shown).rows().length,
              parallel(shown, false).rows().length,
              historyOfLoss(shown, 1000).rows().length,
              slices(shown, 1000).rows().length,
              timeline(shown, 1000).option.series[0].data.length,
              document.querySelectorAll("#trials tbody tr").length,
              table("rows", ["row"], shown.map(trial => [trial.trial_id])).querySelectorAll("tbody tr").length,
              least(Array(400000).fill(5)),
              element("ul", {}, Array.from({length: 200000}, () => element("li", {}))).childElementCount,
            ];
            """);

    assertThat(made)
        .isEqualTo(
            List.of(500L, 20_000L, 20_000L, 20_000L, 20_000L, 20_000L, 1000L, 1000L, 5L, 200_000L));
    assertThat(text("#all .note")).startsWith("20000 of 20000. The first 1,000 of 20,000 rows.");
    browser.ask("draw('curves')");
    assertThat(text("#curves .note")).endsWith("Of 20,000 trials the 500 with the lowest losses.");

    browser.ask(
        """
        data.left_out = [{status: "COMPLETED", trials: 79000}, {status: "FAILED", trials: 1000}];
        data.sweep.planned_trials = 100000;
        header();
        """);
    assertThat(text("#header"))
        .contains("100000 of 100000 trials ended: 99000 completed, 1000 failed")
        .contains("Charts and tables of trials have 20,000 of 100,000 trials");
  }

  @Test
  void aSweepOverSeveralSettingsShowsHowItWentOnAnyScreenAndOnTwoPagesOfPaper() throws IOException {
    Path page = severalSettings();

    for (int width : List.of(400, 1400)) {
      browser.open(page, width, "light");
      browser.screenshot("settings-" + width + "-light");
      for (String chart : List.of("history", "slices", "rungs", "timeline")) {
        assertThat(colours(chart)).as(chart + " " + width).isGreaterThan(3);
      }
      long expected = width;
      assertThat(
              browser.<Long>await(
                  found -> found == expected, "return document.documentElement.scrollWidth"))
          .as("width of the page")
          .isEqualTo(expected);
    }
    assertThat(text("#importance")).contains("8 trials with a loss, at least 20 are needed");
    assertThat(text("#rungs .note")).contains("rung 0, after epoch 1: 8 reached it, 4 stopped");
    assertThat(text("#timeline .note")).contains("localhost: 8 slots, taken 100% of the time");
    assertThat(text("#header")).contains("4 completed, 4 stopped");
    assertThat(browser.pagesOnPaper("settings")).isEqualTo(2);
  }

  /** Rows of the tables have the zone of Spark's session, those of running trials have UTC. */
  @Test
  void trialsAreInTheOrderOfTheirTimesWhateverZoneTheseAreIn() throws IOException {
    browser.open(severalSettings(), 1400, "light");

    Object order =
        browser.ask(
            """
            return tried([
              {trial_id: "third"},
              {trial_id: "second", started_at: "2026-11-28T16:50:00Z"},
              {trial_id: "first", started_at: "2026-11-28T17:43:45.000+01:00"},
            ]).map(trial => trial.trial_id).join(" ");
            """);

    assertThat(order).isEqualTo("first second third");
  }

  @Test
  void aLinkKeepsWhatIsShownAndHighlighted() throws IOException {
    Path page = severalSettings();
    browser.open(page, 1400, "light");
    assertThat(rows()).hasSize(8);

    choose("style", "tf");
    choose("rate", "0.003");
    choose("rate", "0.001");
    choose("status", "COMPLETED");
    assertThat(rows()).hasSize(2).allMatch(row -> row.contains("COMPLETED") && row.contains("tf"));
    browser.driver().findElement(By.cssSelector("#trials tbody button")).click();
    String fragment = (String) browser.ask("return location.hash");
    assertThat(fragment).startsWith("#style=tf&rate=0.001&rate=0.003&status=COMPLETED&highlight=");

    browser.load("about:blank");
    browser.load(page.toUri() + fragment + "&style=gone");
    assertThat(rows()).hasSize(2).allMatch(row -> row.contains("tf"));
    assertThat(text("[data-facet=rate] summary")).isEqualTo("Learning rate: 0.001, 0.003");
    assertThat(browser.driver().findElements(By.cssSelector("tr[aria-current]"))).hasSize(1);

    browser.driver().findElement(By.id("clear")).click();
    assertThat(rows()).hasSize(8);
    assertThat(browser.ask("return location.hash")).isEqualTo("");
  }

  @Test
  void theKeyboardKeepsItsPlace() throws IOException {
    browser.open(severalSettings(), 1400, "light");
    WebElement trial = browser.driver().findElement(By.cssSelector("#trials tbody button"));
    String name = trial.getText();

    trial.sendKeys(Keys.ENTER);

    assertThat(browser.ask("return state.highlight")).isEqualTo(name);
    assertThat(browser.driver().switchTo().activeElement().getText()).isEqualTo(name);

    WebElement summary = browser.driver().findElement(By.cssSelector("[data-facet=rate] summary"));
    summary.sendKeys(Keys.ENTER, Keys.TAB);
    assertThat(browser.ask("return document.activeElement.name")).isEqualTo("rate");
    browser.driver().switchTo().activeElement().sendKeys(Keys.ESCAPE);
    assertThat(
            browser.ask(
                "return [Boolean(document.querySelector('.choice[open]')), document.activeElement.localName]"))
        .isEqualTo(List.of(false, "summary"));
  }

  @Test
  void aReportThatIsWrittenAnewIsNotReadAnewUnderSomebodysHands() throws IOException {
    browser.open(severalSettings(), 1400, "light");

    assertThat(
            browser.ask(
                """
                document.querySelector("#all .scroll").focus();
                const scrolled = Boolean(inUse());
                document.querySelector("#history details").open = true;
                return [scrolled, Boolean(inUse())];
                """))
        .isEqualTo(List.of(false, true));
  }

  @Test
  void onPaperTheHeatMapsLabelsSuitItsColours() throws IOException {
    String labels =
        """
        dispatchEvent(new Event("beforeprint"));
        const labels = heatMap().option.series[0].data.map(cell => cell.label.color).join(" ");
        dispatchEvent(new Event("afterprint"));
        return labels;
        """;
    browser.open(severalSettings(), 1400, "light");
    Object light = browser.ask(labels);
    browser.open(severalSettings(), 1400, "dark");

    assertThat(browser.ask(labels)).isEqualTo(light);
  }

  @Test
  void numbersThatAreWordsOfAnAxisAreInTheOrderOfTheirSize() throws IOException {
    browser.open(severalSettings(), 1400, "light");

    Object sizes =
        browser.ask(
            """
            trials.forEach((trial, index) => { trial.state_size = [100, 50, 1000][index % 3]; });
            return parallel(trials, false).option.parallelAxis.find(({name}) => name === "state_size").data;
            """);

    assertThat(sizes).isEqualTo(List.of("50", "100", "1000"));
  }

  @Test
  void sixteenStylesHaveColoursThatStayApart() throws IOException {
    Path page = severalSettings();
    for (String scheme : List.of("light", "dark")) {
      browser.open(page, 400, scheme);
      assertThat((Double) browser.ask(LEAST_DIFFERENCE)).as(scheme).isGreaterThan(0.1);
    }
  }

  @Test
  void aSweepWithoutTrialsSaysSo() throws IOException {
    Path results = folder.resolve("empty");
    describe(new ResultsStore(LocalSpark.session(), results.toString()), "nothing yet", 4);
    Path page = report(results);

    browser.open(page, 1600, "light");
    browser.screenshot("empty-1600-light");
    assertThat(text("#header")).contains("0 of 4 trials ended", "No trial has a loss yet.");
    assertThat(text("#curves")).contains("Nothing to show.");
    assertThat(rows()).isEmpty();
  }

  /** Eight trials of two styles, rates and sizes, of which half were stopped after an epoch. */
  private static Path severalSettings() throws IOException {
    Path results = folder.resolve("settings");
    if (Files.exists(results)) {
      return results.resolve("report.html");
    }
    ResultsStore store = new ResultsStore(LocalSpark.session(), results.toString());
    describe(store, "settings", 8);
    List<TrialRung> rungs = new ArrayList<>();
    for (int index = 0; index < 8; index++) {
      boolean stopped = index >= 4;
      TrialSpec base =
          TestTrials.spec(
              index % 2 == 0 ? new TensorFlowStyle(5) : new TrueStyle(5, 20),
              index / 2 % 2 == 0 ? 0.003 : 0.001,
              1);
      RnnModel model = base.model();
      TrialResult trial =
          TestTrials.result(
              "settings",
              TestTrials.PTB,
              new TrialSpec(
                  base.truncation(),
                  new RnnModel(
                      model.cell(),
                      stopped ? 200 : 100,
                      50,
                      stopped ? 0.6 : 0.8,
                      model.init(),
                      model.carry()),
                  base.training(),
                  1),
              stopped ? TrialStatus.STOPPED : TrialStatus.COMPLETED,
              stopped ? new double[] {6 + 0.1 * index} : new double[] {6, 5.5, 5 + 0.1 * index});
      store.append(trial);
      rungs.add(
          new TrialRung(
              trial.trialId(),
              new Decision(
                  index, "successive-halving", 0, 1, 6, 1, 1, 1, null, stopped, "a reason")));
    }
    store.putRungs("settings", rungs);
    return report(results);
  }

  private static void choose(String facet, String value) {
    WebElement choice = browser.driver().findElement(By.cssSelector("[data-facet=" + facet + "]"));
    if (choice.getDomAttribute("open") == null) {
      choice.findElement(By.tagName("summary")).click();
    }
    choice.findElement(By.cssSelector("input[value='" + value + "']")).click();
  }

  /** How many different colours a chart's canvas has, once it has been drawn. */
  private static long colours(String chart) {
    return browser.<Long>await(
        found -> found > 3,
        """
            const canvas = document.querySelector(`#${arguments[0]} canvas`);
            const copy = document.createElement("canvas");
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const context = copy.getContext("2d", {willReadFrequently: true});
            context.drawImage(canvas, 0, 0);
            const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
            return new Set(new Uint32Array(pixels.buffer)).size;
            """,
        chart);
  }

  private static String text(String selector) {
    return browser.driver().findElement(By.cssSelector(selector)).getText();
  }

  @SuppressWarnings("unchecked")
  private static List<String> rows() {
    return (List<String>)
        browser.ask(
            "return [...document.querySelectorAll('#trials tbody tr')].map(row => row.innerText)");
  }

  private static List<TrialResult> fiveHundred() {
    Random random = new Random(1);
    List<TrialResult> results = new ArrayList<>();
    for (int n : List.of(5, 10, 15, 20, 40)) {
      for (double rate : List.of(0.01, 0.003, 0.001, 0.0003, 0.0001)) {
        for (int seed = 1; seed <= 10; seed++) {
          for (var truncation : List.of(new TensorFlowStyle(n), new TrueStyle(n, 60))) {
            double[] losses = new double[20];
            for (int epoch = 0; epoch < losses.length; epoch++) {
              losses[epoch] =
                  5 + 2 / (1 + epoch + 300 * rate) + 3 / (10.0 + n) + 0.05 * random.nextGaussian();
            }
            results.add(
                TestTrials.result(
                    EVIL,
                    TestTrials.PTB,
                    TestTrials.spec(truncation, rate, seed),
                    TrialStatus.COMPLETED,
                    losses));
          }
        }
      }
    }
    results.set(0, failed(results.get(0)));
    return results;
  }

  private static TrialResult failed(TrialResult trial) {
    TrialOutcome outcome = trial.outcome();
    return new TrialResult(
        trial.sweep(),
        trial.trialId(),
        trial.corpusId(),
        trial.spec(),
        new TrialOutcome(
            TrialStatus.FAILED,
            "<img src=x onerror=alert(2)>",
            List.of(),
            List.of(),
            "",
            "",
            0,
            outcome.startedAt(),
            outcome.finishedAt()),
        1,
        1,
        trial.host(),
        trial.codeVersion());
  }

  private static void describe(ResultsStore store, String sweep, int planned) {
    store.describe(
        new SweepRecord(
            sweep,
            "{\"sweep\":{\"corpus\":{\"kind\":\"ptb\",\"path\":\"</script>\"}}}",
            TestTrials.PTB,
            10_000,
            929_589,
            73_760,
            82_430,
            planned,
            "0.1.0",
            "3.5.9",
            Instant.EPOCH));
  }

  /** The page of conf/toy.conf with some settings, trained anew. */
  private static Path toySweep(String... settings) throws IOException {
    Path results = Files.createTempDirectory(folder, "toy");
    List<String> words = new ArrayList<>(List.of("run", "../conf/toy.conf"));
    words.addAll(List.of("--results", results.toString()));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    submit(words.toArray(String[]::new));
    return report(results);
  }

  private static Path report(Path results) {
    submit("report", "--results", results.toString());
    return results.resolve("report.html");
  }

  private static void submit(String... words) {
    Submission command = Submission.of((Object[]) words);
    assertThat(command.exit()).as(command.err()).isZero();
  }
}
