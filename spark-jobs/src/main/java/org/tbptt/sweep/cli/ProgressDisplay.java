package org.tbptt.sweep.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.RemainingTime;
import org.tbptt.sweep.run.SweepEvent;

/**
 * Shows a sweep's progress on a terminal. A bar for the sweep and a line per running trial stay at
 * the bottom; the lines of ended trials scroll away above.
 */
final class ProgressDisplay implements Consumer<SweepEvent>, AutoCloseable {

  private static final int BAR = 30;
  private static final long REDRAW_EVERY = 200_000_000; // nanoseconds

  private final Terminal terminal;
  private final Display display;
  private final ProgressLines lines;
  private final Map<String, Line> running = new LinkedHashMap<>();
  private final Map<String, Line> paused = new HashMap<>();
  private final RemainingTime remaining = new RemainingTime();
  private final long begun = System.nanoTime();
  private int finished;
  private int stopped;
  private int missing;
  private long drawn;

  /** A running trial: its progress when it started here, and now. */
  private record Line(String label, TrainingProgress from, long since, TrainingProgress now) {
    String text() {
      double seconds = (System.nanoTime() - since) / 1e9;
      double done = now.share() - from.share();
      return "%s  epoch %d of %d  %s%s"
          .formatted(
              label,
              now.epoch(),
              now.epochs(),
              Double.isNaN(now.trainLoss())
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      "loss %.4f  %,.0f tokens/s  ",
                      now.trainLoss(),
                      now.tokensPerSecond()),
              done <= 0 ? "" : left(seconds * (1 - now.share()) / done));
    }
  }

  /**
   * @param lines makes the lines from a function that prints one
   */
  ProgressDisplay(Terminal terminal, Function<Consumer<String>, ProgressLines> lines) {
    this.terminal = terminal;
    this.display = new Display(terminal, false);
    this.lines = lines.apply(this::printAbove);
  }

  @Override
  public void accept(SweepEvent event) {
    if (event instanceof SweepEvent.SweepStarted sweep) {
      missing = sweep.plan().toDo();
    } else if (event instanceof SweepEvent.TrialStarted begun) {
      PlannedTrial trial = begun.trial();
      remaining.started(begun);
      paused.remove(trial.id());
      running.put(
          trial.id(), new Line(trial.label(), begun.from(), System.nanoTime(), begun.from()));
    } else if (event instanceof SweepEvent.TrialProgressed progressed) {
      running.computeIfPresent(
          progressed.trial().id(),
          (id, line) -> new Line(line.label(), line.from(), line.since(), progressed.progress()));
    } else if (event instanceof SweepEvent.TrialFinished end) {
      finished = end.finished();
      stopped += end.result().outcome().status() == TrialStatus.STOPPED ? 1 : 0;
      running.remove(end.trial().id());
      paused.remove(end.trial().id());
    } else if (event instanceof SweepEvent.TrialPaused pause) {
      Line line = running.remove(pause.trial().id());
      if (line != null) {
        paused.put(pause.trial().id(), line);
      }
      lines.paused(pause.trial());
    }
    if (!(event instanceof SweepEvent.EpochFinished) // a trial's own line shows it
        && !(event instanceof SweepEvent.TrialPaused)) { // the bar counts them
      lines.accept(event);
    }
    if (!(event instanceof SweepEvent.TrialProgressed)
        || System.nanoTime() - drawn > REDRAW_EVERY) {
      draw();
    }
  }

  /** Takes the display away; the lines above stay. */
  @Override
  public void close() {
    display.update(List.of(), 0);
    terminal.flush();
  }

  private void printAbove(String line) {
    display.update(List.of(), 0);
    PrintWriter out = terminal.writer();
    out.println(line);
    out.flush();
    draw();
  }

  private void draw() {
    drawn = System.nanoTime();
    List<AttributedString> text = new ArrayList<>();
    int width = Math.max(20, terminal.getWidth());
    int rows = Math.max(3, terminal.getHeight());
    if (missing > 0) {
      text.add(cut(bar(), width));
    }
    running.values().stream().limit(rows - 2).forEach(line -> text.add(cut(line.text(), width)));
    display.resize(rows, width);
    display.update(text, -1);
  }

  private String bar() {
    double trained =
        finished
            + Stream.concat(running.values().stream(), paused.values().stream())
                .mapToDouble(line -> line.now().share())
                .sum();
    int filled = (int) (BAR * trained / missing);
    double seconds = remaining.seconds((System.nanoTime() - begun) / 1e9, trained, missing);
    return "[%s%s] %d of %d trials%s%s  %s"
        .formatted(
            "#".repeat(filled),
            ".".repeat(BAR - filled),
            finished,
            missing,
            stopped == 0 ? "" : ", %d stopped".formatted(stopped),
            paused.isEmpty() ? "" : ", %d paused".formatted(paused.size()),
            Double.isNaN(seconds) ? "" : left(seconds));
  }

  private static AttributedString cut(String line, int width) {
    return new AttributedString(line).columnSubSequence(0, width - 1);
  }

  /** Such as "2:05 left" or "1:10:00 left". */
  private static String left(double seconds) {
    long s = Math.round(seconds);
    return s < 3600
        ? "%d:%02d left".formatted(s / 60, s % 60)
        : "%d:%02d:%02d left".formatted(s / 3600, s / 60 % 60, s % 60);
  }
}
