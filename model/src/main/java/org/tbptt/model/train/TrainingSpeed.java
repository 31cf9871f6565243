package org.tbptt.model.train;

import java.time.Duration;
import java.util.List;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.Window;

/** How fast a trial trains on this machine. */
public final class TrainingSpeed {

  private TrainingSpeed() {}

  /**
   * Measured on windows at the start of the first epoch. The fastest window counts, because warm-up
   * and other programs slow the others down. The result of the training is discarded.
   *
   * @param threads that compute a step together
   * @param atLeast how long to train
   * @return counted targets per second
   * @throws IllegalArgumentException as {@link TrialWindows#of}
   */
  public static double tokensPerSecond(
      TrialSpec spec, Corpus corpus, int threads, Duration atLeast) {
    CoreConfig config = TrialWindows.core(spec, corpus);
    List<Window> windows = TrialWindows.of(spec, corpus, corpus.train()).epoch(1);
    try (RnnCore core = spec.training().engine().open(config, spec.seed(), threads)) {
      long started = System.nanoTime();
      double fastest = 0;
      for (int index = 0;
          fastest == 0 || System.nanoTime() - started < atLeast.toNanos();
          index++) {
        long from = System.nanoTime();
        Window window = windows.get(index % windows.size());
        StepResult step = core.train(window, spec.draws(1, index), 0);
        fastest = Math.max(fastest, step.counted() * 1e9 / (System.nanoTime() - from));
      }
      return fastest;
    }
  }
}
