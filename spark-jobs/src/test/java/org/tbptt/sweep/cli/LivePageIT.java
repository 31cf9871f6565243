package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WindowType;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.live.LiveAddress;
import org.tbptt.sweep.live.LiveRun;
import org.tbptt.sweep.live.LiveServer;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

/** The page of a running sweep as browsers show it, by events that no training has to give. */
@WithBrowser
class LivePageIT {

  private static final String EVIL = "<img src=x onerror=alert(1)>";

  private static final String POINTS =
      "return echarts.getInstanceByDom(document.querySelector('#curves .chart'))?.getOption()"
          + ".series.flatMap(({data}) => data).filter(({name}) => name === arguments[0])"
          + ".map(({coords}) => coords?.length ?? 1)[0] ?? 0";

  @TempDir private Path folder;
  private static Browser browser;

  private ResultsStore store;
  private final List<TrialResult> results = new ArrayList<>();

  private Plan plan;
  private LiveServer server;
  private LiveRun live;

  @BeforeAll
  static void start() throws IOException {
    browser = new Browser();
  }

  @AfterAll
  static void stop() {
    browser.close();
  }

  @AfterEach
  void nothingWentWrongAndNothingButUpdatesWasFetched() {
    server.close();
    assertThat(browser.console()).isEmpty();
    assertThat(browser.requests())
        .isNotEmpty()
        .allMatch(url -> url.startsWith(server.url()) || url.startsWith("file:"), "of its origin");
  }

  @Test
  void aRunningSweepIsShownUntilItHasEnded() throws Exception {
    begin("[5, 10]", "[1]", 5);
    PlannedTrial first = plan.trials().get(0);
    browser.open(server.url(), 1400, "light");
    started(first, 1);
    epoch(first, 1, 6.5);
    live.accept(new SweepEvent.TrialProgressed(first, at(first, 2, 50)));
    live.problem(first.label() + ": is retried: " + EVIL);

    assertThat(await("#running tbody tr", "6.5000"))
        .contains("running", "2 of 5", "5.5000", "12,345", "localhost");
    assertThat(await("#now .state", "Live")).isEqualTo("Live");
    assertThat(text("#events")).contains(first.label() + ": is retried: " + EVIL);
    browser.ask("window.event = document.querySelector('#events li')");
    assertThat(points(first, 1)).isEqualTo(1);

    epoch(first, 2, 6.25);
    epoch(first, 3, 6.0);
    assertThat(points(first, 3)).isEqualTo(3);
    browser.screenshot("live-1400-light");
    assertThat(
            browser.ask(
                "return [event.isConnected, performance.getEntriesByType('measure').length]"))
        .as("an event whose text can stay selected, and nothing that fills up memory")
        .isEqualTo(List.of(true, 0L));
    // That nobody can undo once no trial has this status.
    browser.ask("state.chosen.status = ['RUNNING']; changed()");

    // Another page, which comes later, shows the same.
    browser.driver().switchTo().newWindow(WindowType.WINDOW);
    browser.open(server.url(), 400, "dark");
    assertThat(await("#running tbody tr", "6.0000")).contains("2 of 5");
    assertThat(browser.<Long>await(w -> w == 400, "return document.documentElement.scrollWidth"))
        .isEqualTo(400);
    browser.screenshot("live-400-dark");

    finish(first, 1, 6.5, 6.25, 6.0, 5.9, 5.8);
    assertThat(await("#header", "1 of 2")).contains("1 of 2 trials ended: 1 completed", "5.8000");
    live.end("The sweep has ended.");
    server.close();
    for (String window : browser.driver().getWindowHandles()) {
      browser.driver().switchTo().window(window);
      assertThat(await("#now .state", "ended")).isEqualTo("The sweep has ended.");
      assertThat(text("#header")).contains("1 of 2 trials ended: 1 completed");
      assertThat(browser.ask("return document.querySelectorAll('#running tbody tr').length"))
          .isEqualTo(0L);
      assertThat(points(first, 5)).isEqualTo(5);
      assertThat(browser.ask("return shownTrials().length")).isEqualTo(1L);
    }
    browser.screenshot("live-ended");
    browser.driver().close();
    browser.driver().switchTo().window(browser.driver().getWindowHandles().iterator().next());
  }

  /** Also where a setting is the default: after = 1 is that of a schedule in steps of one epoch. */
  @Test
  void theMeansOverSeedsAreThoseOfTheTables() throws Exception {
    begin(
        "[5, 10]",
        "[1, 2, 20240103]",
        12,
        """
        sweep.training.schedule { kind = step, factor = 0.5, epochs = 1 }
        sweep.grid."training.schedule.after" = [10, 1, 9]
        """);
    double loss = 6;
    for (PlannedTrial trial : plan.trials()) {
      loss -= 0.0625;
      finish(trial, 1, loss);
    }
    live.end("The sweep has ended.");
    browser.open(server.url(), 1400, "light");
    String means =
        """
        return losses.map(p => [plain(p.schedule_after), p.bptt_steps, p.truncation, p.learning_rate, p.valid_loss.toFixed(9),
          p.standard_error.toFixed(9), p.seeds, p.diverged, p.failed].join(" "))
        """;
    Object here = browser.ask("const losses = data.losses;" + means);
    assertThat(browser.ask("return axes.find(axis => axis.name === 'seed').values.map(short)"))
        .isEqualTo(List.of("1", "2", "20240103"));

    store.append(results);
    Submission report = Submission.to(folder, "report");
    assertThat(report.exit()).as(report.err()).isZero();
    browser.open(folder.resolve("report.html"), 1400, "light");
    assertThat(browser.ask("const losses = data.losses;" + means)).isEqualTo(here);
  }

  @Test
  void ofManyLinesThoseWithTheLowestLossesAreDrawn() throws Exception {
    begin("[5]", "[1]", 1);
    browser.open(server.url(), 1400, "light");
    String lines =
        """
        const points = Array.from({length: 600}, (_, i) => ({bptt_steps: i >> 1, truncation: "tf",
          learning_rate: i % 2, valid_loss: i % 2 ? undefined : 7 * (i >> 1) % 300}));
        const shown = lowestLines(points);
        return [data.lines, shown.length, Math.max(...shown.map(point => point.valid_loss ?? 0)) < 200];
        """;
    assertThat(browser.ask(lines)).isEqualTo(List.of(300L, 400L, true));
    live.end("The sweep has ended.");
  }

  @Test
  @Tag("soak")
  void fiveHundredTrialsAreUpdatedInMilliseconds() throws Exception {
    begin("[5, 6, 7, 8, 9, 10, 11, 12, 13, 14]", range(50), 20);
    assertThat(plan.trials()).hasSize(500);
    for (PlannedTrial trial : plan.trials()) {
      started(trial, 1);
      for (int epoch = 1; epoch <= 4; epoch++) {
        epoch(trial, epoch, 7 - 0.1 * epoch + 0.001 * trial.spec().seed());
      }
    }
    browser.open(server.url(), 1400, "light");
    await("#running tbody tr", "4");
    Thread.sleep(3000);
    browser.ask(
        """
        window.measures = [];
        new PerformanceObserver(list => measures.push(...list.getEntries())).observe({type: "measure"});
        """);
    browser.driver().executeCdpCommand("Performance.enable", Map.of("timeDomain", "threadTicks"));
    List<Double> page = new ArrayList<>();
    long cpu = cpu();
    long told = 0;
    for (int epoch = 5; epoch < 15; epoch++) {
      double before = pageSeconds();
      long from = System.nanoTime();
      for (PlannedTrial trial : plan.trials().subList(0, 16)) {
        epoch(trial, epoch, 7 - 0.1 * epoch);
        live.accept(new SweepEvent.TrialProgressed(trial, at(trial, epoch + 1, 50)));
      }
      told += System.nanoTime() - from;
      Thread.sleep(1500);
      page.add(1000 * (pageSeconds() - before));
    }
    System.err.printf(
        "500 trials, 16 get an epoch, per update: %.3f ms of the sweep's thread, %.1f ms of all that serves, median %.1f ms of the page's; page, ms: %s%n",
        told / 1e7, (cpu() - cpu) / 1e7, median(page), measures());
    page.clear();
    browser.ask("measures.length = 0");
    cpu = cpu();
    for (int i = 0; i < 5; i++) {
      double before = pageSeconds();
      finish(plan.trials().get(i), i + 1, 6, 5.9, 5.8);
      Thread.sleep(1500);
      page.add(1000 * (pageSeconds() - before));
    }
    System.err.printf(
        "500 trials, one ends, per update: %.1f ms of all that serves, median %.1f ms of the page's; page, ms: %s%n",
        (cpu() - cpu) / 5e6, median(page), measures());
    browser.screenshot("live-500");
    live.end("The sweep has ended.");
  }

  /** Of the threads that serve, nanoseconds. */
  private static long cpu() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("live-page")) {
        sum += threads.getThreadCpuTime(id);
      }
    }
    return sum;
  }

  /** The time of the page's thread, which other programs do not lengthen. */
  private static double pageSeconds() {
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> metrics =
        (List<Map<String, Object>>)
            browser.driver().executeCdpCommand("Performance.getMetrics", Map.of()).get("metrics");
    return metrics.stream()
        .filter(metric -> metric.get("name").equals("TaskDuration"))
        .mapToDouble(metric -> ((Number) metric.get("value")).doubleValue())
        .findFirst()
        .orElseThrow();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private Object measures() {
    return browser.ask(
        """
        const all = {};
        measures.forEach(({name, duration}) => (all[name] = all[name] || []).push(Math.round(duration)));
        return JSON.stringify(all);
        """);
  }

  /**
   * Points of a trial's curve, which is drawn after the texts: as many as expected, or too few in
   * the end.
   */
  private static long points(PlannedTrial trial, long expected) {
    browser.ask("document.querySelector('#curves').scrollIntoView()");
    return browser.<Long>await(n -> n == expected, POINTS, trial.id());
  }

  private static String range(int seeds) {
    return IntStream.rangeClosed(1, seeds).boxed().toList().toString();
  }

  private void begin(String bpttSteps, String seeds, int epochs) throws IOException {
    begin(bpttSteps, seeds, epochs, "");
  }

  private void begin(String bpttSteps, String seeds, int epochs, String more) throws IOException {
    String pairs = bpttSteps.replaceAll("(\\d+)", "{bptt-steps = $1, seq-len = 20}");
    Path conf =
        Files.writeString(
            folder.resolve("live.conf"),
            """
            sweep {
              name = "live %s"
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid { truncation = %s, style = tf, learning-rate = 0.01, seed = %s }
              model { state-size = 5, embed-size = 3 }
              training { epochs = %d, batch-size = 20 }
            }
            %s
            """
                .formatted(EVIL, pairs, seeds, epochs, more));
    SweepConfig config = SweepConfig.load(conf, List.of());
    Corpus corpus = config.loadCorpus();
    store = new ResultsStore(LocalSpark.session(), folder.toString());
    plan = Plan.of(config, Grid.expand(config), corpus, store, false);
    store.describe(
        new SweepRecord(
            config.name(),
            config.json(),
            corpus.id(),
            corpus.vocabulary().size(),
            corpus.train().tokens(),
            corpus.valid().tokens(),
            corpus.test().tokens(),
            plan.trials().size(),
            "0.1.0",
            "3.5.9",
            Instant.EPOCH));
    server = LiveServer.start(new LiveAddress("127.0.0.1", 0));
    live = new LiveRun(LocalSpark.session(), store, server);
    live.accept(new SweepEvent.SweepStarted(plan, 2));
  }

  private void started(PlannedTrial trial, int attempt) {
    live.accept(
        new SweepEvent.TrialStarted(
            trial, at(trial, 1, 0), List.of(), Instant.now(), attempt, "localhost"));
  }

  private void epoch(PlannedTrial trial, int epoch, double loss) {
    live.accept(
        new SweepEvent.EpochFinished(
            trial,
            new EpochMetrics(epoch, 5, Double.NaN, loss + 0.5, loss, 0.25, 0, 1.5, 1000, 0.5)));
  }

  private void finish(PlannedTrial trial, int finished, double... losses) {
    var result =
        TestTrials.result(
            plan.config().name(), plan.corpus().id(), trial.spec(), TrialStatus.COMPLETED, losses);
    results.add(result);
    live.accept(new SweepEvent.TrialFinished(trial, result, finished));
  }

  private static TrainingProgress at(PlannedTrial trial, int epoch, int window) {
    return new TrainingProgress(epoch, trial.spec().training().epochs(), window, 100, 5.5, 12_345);
  }

  /** The text of an element as soon as another is in it. */
  private static String await(String selector, String expected) {
    return browser.await(
        text -> text.contains(expected),
        "return document.querySelector(arguments[0])?.innerText ?? ''",
        selector);
  }

  private static String text(String selector) {
    return await(selector, "");
  }
}
