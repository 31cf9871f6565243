package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.cli.Browser;
import org.tbptt.sweep.cli.WithBrowser;

/** The page of a real sweep, in processes of its own. */
@WithBrowser
class LivePageOfKilledExecutorsIT extends DisturbedSweep {

  private static final String EPOCHS_SHOWN =
      "return Object.values(data.curves).reduce((sum, {valid}) => sum + valid.length, 0)";

  @Test
  @Tag("long")
  void aKilledExecutorIsAnEventAndTheCurvesGoOn() throws Exception {
    Map<String, String> spark = new HashMap<>(TWO_EXECUTORS);
    spark.put("spark.ui.enabled", "true");
    spark.put("spark.network.timeout", "10min"); // a frozen executor is not to be taken for lost
    try (Browser browser = new Browser();
        SweepProcess run = start(spark, "--serve=0")) {
      run.awaitOutput("epoch 1 of");
      List<ProcessHandle> executors = run.executors();
      while (executors.size() > 2) { // what a process starts is a copy of it for a moment
        executors = run.executors();
      }
      for (ProcessHandle executor : executors) { // a fast one would be done before the page is open
        SweepProcess.signal("STOP", executor.pid());
      }
      String url = run.output().replaceAll("(?s).*live page: (\\S+).*", "$1");
      browser.open(url, 1400, "light");
      long before = browser.<Long>await(epochs -> epochs > 0, EPOCHS_SHOWN);
      assertThat(before).isPositive();
      assertThat((String) browser.ask("return document.querySelector('#now a').href"))
          .startsWith("http://");

      SweepProcess.signal("KILL", executors.get(0).pid());
      SweepProcess.signal("CONT", executors.get(1).pid());
      run.awaitOutput("is retried");
      assertThat(
              browser.<String>await(
                  text -> text.contains("is retried"),
                  "return document.querySelector('#events').innerText"))
          .contains("is retried", "ExecutorLostFailure");
      assertThat(browser.<Long>await(epochs -> epochs > before, EPOCHS_SHOWN))
          .isGreaterThan(before);
      browser.screenshot("live-killed-executor");

      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(
              browser.<String>await(
                  text -> text.contains("ended"),
                  "return document.querySelector('#now .state').innerText"))
          .isEqualTo("The sweep has ended.");
      assertThat((String) browser.ask("return document.querySelector('#header').innerText"))
          .contains(TRIALS + " of " + TRIALS + " trials ended: " + TRIALS + " completed");
      assertThat(browser.<Long>await(epochs -> epochs == TRIALS * EPOCHS, EPOCHS_SHOWN))
          .isEqualTo(TRIALS * EPOCHS);
      browser.screenshot("live-of-a-run-that-has-ended");
      assertThat(browser.console()).isEmpty();
      assertThat(browser.requests()).allMatch(request -> request.startsWith(url));
    }
    assertUndisturbed();
  }
}
