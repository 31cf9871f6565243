package org.tbptt.sweep.cli;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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
import org.tbptt.sweep.run.SweepEvent;

/** Tells a sweep's progress in lines. */
final class ProgressLines implements Consumer<SweepEvent> {

  private final Consumer<String> out;
  private final ResultsStore results;
  private final boolean quiet;
  private final Set<String> atRung = new HashSet<>();
  private int missing;
  private boolean toldOfFallback;

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
  public void accept(SweepEvent event) {
    if (event instanceof SweepEvent.SweepStarted sweep) {
      started(sweep.plan(), sweep.slots());
    } else if (event instanceof SweepEvent.NoExecutor waiting) {
      warn("%s", waiting.reason());
    } else if (event instanceof SweepEvent.NoBaselines missing) {
      warn("%s", missing.reason());
    } else if (event instanceof SweepEvent.FileSetAside damaged) {
      warn("%s", damaged.reason());
    } else if (event instanceof SweepEvent.VerdictsDiffer verdicts) {
      warn(
          "%d of %d verdicts in the table rungs differ from those that the rule, grid and losses give"
              + " now, and are replaced; %s",
          verdicts.differing(), verdicts.stored(), verdicts.example());
    } else if (event instanceof SweepEvent.EndedEarly early) {
      warn("%s", early.reason());
    } else if (event instanceof SweepEvent.OfTrial of) {
      ofTrial(of.trial().label(), of);
    }
  }

  private void started(Plan plan, int slots) {
    int trials = plan.total();
    missing = plan.toDo();
    plan.merged().forEach(merged -> print("merged: %s", merged.words()));
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

  private void ofTrial(String label, SweepEvent.OfTrial event) {
    if (event instanceof SweepEvent.TrialStarted begun) {
      started(label, begun);
    } else if (event instanceof SweepEvent.EpochFinished epoch) {
      print(
          "%s: epoch %d of %d: %.4f nats per token, %,.0f tokens/s",
          label,
          epoch.metrics().epoch(),
          epoch.trial().spec().training().epochs(),
          epoch.metrics().validLoss(),
          epoch.metrics().tokensPerSecond());
    } else if (event instanceof SweepEvent.CheckpointFailed checkpoint) {
      warn("%s: %s", label, checkpoint.problem());
    } else if (event instanceof SweepEvent.ExecutorLost lost) {
      warn(
          "%s: is retried%s: %s",
          label,
          lost.suspect()
              ? " later, one trial at a time, because it may be what kills its executors"
              : "",
          lost.reason());
    } else if (event instanceof SweepEvent.TaskFailed failed) {
      warn("%s: is retried in %d s: %s", label, failed.pause(), failed.reason());
    } else if (event instanceof SweepEvent.TrialDeferred deferred) {
      warn(
          "%s: was started %d times without reaching another checkpoint; it is trained last",
          label, deferred.starts());
    } else if (event instanceof SweepEvent.TrialPaused paused) {
      paused(paused.trial());
      if (paused.waits()) {
        print("%s: paused after epoch %d until earlier trials reach it", label, paused.epoch());
      }
    } else if (event instanceof SweepEvent.TrialFinished end) {
      print("[%d/%d] %s: %s", end.finished(), missing, label, ending(end.result().outcome()));
      fellBack(end.result());
    }
  }

  /** An executor may have an older system than this machine. */
  private void fellBack(TrialResult result) {
    if (!toldOfFallback
        && result.spec().training().engine() == EngineChoice.AUTO
        && result.outcome().engine().equals("nd4j")
        && NativeLibrary.problem().isEmpty()) {
      warn(
          "%s cannot load the native core, which this machine has: trials there use nd4j, which is slower;"
              + " engine = native would make it an error that says why",
          result.host());
      toldOfFallback = true;
    }
  }

  /** A trial has left its slot at a rung; that it starts again is nothing to tell. */
  void paused(PlannedTrial trial) {
    atRung.add(trial.id());
  }

  private void started(String label, SweepEvent.TrialStarted begun) {
    TrainingProgress from = begun.from();
    if (!atRung.remove(begun.trial().id()) && begun.attempt() > 1) {
      print(
          "%s: attempt %d, from epoch %d, window %d of %d",
          label, begun.attempt(), from.epoch(), from.window() + 1, from.windows());
    }
  }

  /** After the comparison: how to find out about stopped and failed trials. */
  void ended(int stopped, int failed) {
    if (stopped > 0) {
      print(
          "%s stopped early; SELECT trial_id, reason FROM trials WHERE status = 'STOPPED' shows where",
          Count.of(stopped, "trial"));
    }
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
      case STOPPED -> format("stopped at %s; lowest loss %s", outcome.reason(), loss);
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
