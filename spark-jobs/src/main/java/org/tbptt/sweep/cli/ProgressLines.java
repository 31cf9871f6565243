package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.toMap;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.sweep.config.Count;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepListener;

/** Prints a sweep's progress line by line. */
final class ProgressLines implements SweepListener {

  private final Consumer<String> out;
  private final ResultsStore results;
  private final boolean quiet;
  private Map<String, String> labels = Map.of();

  /**
   * @param out prints a line
   * @param quiet whether to print problems only
   */
  ProgressLines(Consumer<String> out, ResultsStore results, boolean quiet) {
    this.out = out;
    this.results = results;
    this.quiet = quiet;
  }

  @Override
  public void started(Plan plan, int slots) {
    labels = plan.trials().stream().collect(toMap(PlannedTrial::id, PlannedTrial::label));
    int trials = plan.trials().size();
    int missing = plan.missing().size();
    plan.grid().merged().forEach(merged -> print("merged: %s", merged.words()));
    if (missing == 0) {
      print("%s: all %d trials are done, nothing to train", plan.config().name(), trials);
    } else {
      print(
          "%s: training %d of %d trials, %s; %d done before; tables in %s",
          plan.config().name(),
          missing,
          trials,
          slots == 0 ? "as executors register" : slots + " at a time",
          trials - missing,
          results);
      boolean automatic =
          plan.missing().stream()
              .anyMatch(trial -> trial.spec().training().engine() == EngineChoice.AUTO);
      if (automatic) {
        NativeLibrary.problem()
            .ifPresent(problem -> print("engine = auto uses nd4j here: %s", problem));
      }
    }
  }

  @Override
  public void trialStarted(PlannedTrial trial, TrainingProgress from, int attempt) {
    if (attempt > 1) {
      print(
          "%s: attempt %d, from epoch %d, window %d of %d",
          trial.label(), attempt, from.epoch(), from.window() + 1, from.windows());
    }
  }

  @Override
  public void epochEnded(PlannedTrial trial, EpochMetrics metrics) {
    print(
        "%s: epoch %d of %d: %.4f nats per token, %,.0f tokens/s",
        trial.label(),
        metrics.epoch(),
        trial.spec().training().epochs(),
        metrics.validLoss(),
        metrics.tokensPerSecond());
  }

  @Override
  public void waiting(String line) {
    warn("%s", line);
  }

  @Override
  public void reported(PlannedTrial trial, String line) {
    warn("%s: %s", trial.label(), line);
  }

  @Override
  public void trialEnded(TrialResult result, int finished, int missing) {
    print(
        "[%d/%d] %s: %s",
        finished, missing, labels.get(result.trialId()), ending(result.outcome()));
  }

  /** After the comparison: how to find out about failed trials. */
  void ended(int failed) {
    if (failed > 0) {
      warn(
          "%s failed; SELECT trial_id, reason FROM trials WHERE status = 'FAILED' shows why,"
              + " --retry-failed retries",
          Count.of(failed, "trial"));
    }
  }

  private static String ending(TrialOutcome outcome) {
    Optional<EpochMetrics> best = outcome.best();
    String loss =
        best.map(b -> format("%.4f nats per token in epoch %d", b.validLoss(), b.epoch()))
            .orElse("no loss");
    return switch (outcome.status()) {
      case COMPLETED ->
          loss
              + format(
                  ", %.1f s, %,.0f tokens/s, %s",
                  outcome.trainSeconds(),
                  outcome.trainTokens() / outcome.trainSeconds(),
                  outcome.engine().equals("nd4j")
                      ? "nd4j"
                      : outcome.engine() + " " + outcome.instructionSet());
      case DIVERGED, FAILED ->
          outcome.status()
              + ", "
              + outcome.reason()
              + best.map(b -> "; before that " + loss).orElse("");
    };
  }

  private void print(String line, Object... values) {
    if (!quiet) {
      out.accept(format(line, values));
    }
  }

  private void warn(String line, Object... values) {
    out.accept(format(line, values));
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
