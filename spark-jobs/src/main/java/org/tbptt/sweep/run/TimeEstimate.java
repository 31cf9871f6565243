package org.tbptt.sweep.run;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrainingSpeed;

/**
 * How long the missing trials of a plan would take.
 *
 * @param slotSeconds of all trials together, one after the other
 * @param seconds until the last one ends, when each slot takes the next trial as it becomes free
 */
public record TimeEstimate(double slotSeconds, double seconds) {

  /** How long all measuring takes together, about. */
  private static final Duration BUDGET = Duration.ofMillis(500);

  /** Of a training window's work, what evaluating one takes: one product of three. */
  private static final double EVALUATION = 1.0 / 3;

  /**
   * What was measured.
   *
   * @param planned of the trials as they are planned
   * @param bf16 of the same trials in bf16 where the native core would train them in fp32; empty if
   *     this machine has no AMX, or there are no such trials
   */
  public record Measured(TimeEstimate planned, Optional<TimeEstimate> bf16) {}

  /**
   * Trains for half a second on this machine: of the trials that share engine and precision the one
   * with the least work per token and the one with the most. Between them, time goes with work.
   *
   * @param threads that compute a trial together
   * @throws UnsupportedOperationException if an engine is not there
   */
  public static Measured measured(Plan plan, int slots, int threads) {
    return measured(
        plan.missing(),
        plan.corpus(),
        slots,
        Bf16.instructionSet(),
        (trial, time) -> TrainingSpeed.tokensPerSecond(trial.spec(), plan.corpus(), threads, time));
  }

  /**
   * @param tokensPerSecond of a trial, measured for that long
   */
  static Measured measured(
      List<PlannedTrial> trials,
      Corpus corpus,
      int slots,
      Optional<String> instructionSet,
      ToDoubleBiFunction<PlannedTrial, Duration> tokensPerSecond) {
    Optional<List<PlannedTrial>> inBf16 = Bf16.of(trials, instructionSet);
    long groups = groups(trials) + inBf16.map(TimeEstimate::groups).orElse(0L);
    Duration each = BUDGET.dividedBy(Math.max(1, 2 * groups));
    ToDoubleFunction<PlannedTrial> secondsPerToken =
        trial -> 1 / tokensPerSecond.applyAsDouble(trial, each);
    return new Measured(
        of(trials, corpus, slots, secondsPerToken),
        inBf16.map(these -> of(these, corpus, slots, secondsPerToken)));
  }

  private static long groups(List<PlannedTrial> trials) {
    return trials.stream().map(trial -> arithmetic(trial.spec().training())).distinct().count();
  }

  /** With seconds per token that are known, or measured elsewhere. */
  static TimeEstimate of(
      List<PlannedTrial> trials,
      Corpus corpus,
      int slots,
      ToDoubleFunction<PlannedTrial> secondsPerToken) {
    Map<PlannedTrial, Double> seconds = new HashMap<>();
    trials.stream()
        .collect(groupingBy(trial -> arithmetic(trial.spec().training())))
        .values()
        .forEach(group -> addSeconds(group, corpus, secondsPerToken, seconds));
    PriorityQueue<Double> free = new PriorityQueue<>();
    for (int slot = 0; slot < Math.min(slots, trials.size()); slot++) {
      free.add(0.0);
    }
    double last = 0;
    for (PlannedTrial trial : trials) {
      double end = free.remove() + seconds.get(trial);
      free.add(end);
      last = Math.max(last, end);
    }
    return new TimeEstimate(seconds.values().stream().mapToDouble(s -> s).sum(), last);
  }

  private static void addSeconds(
      List<PlannedTrial> group,
      Corpus corpus,
      ToDoubleFunction<PlannedTrial> secondsPerToken,
      Map<PlannedTrial, Double> seconds) {
    Map<PlannedTrial, Double> work = new HashMap<>();
    group.forEach(trial -> work.put(trial, workPerToken(trial, corpus)));
    PlannedTrial least = Collections.min(group, comparing(work::get));
    PlannedTrial most = Collections.max(group, comparing(work::get));
    double leastWork = work.get(least);
    double moreWork = work.get(most) - leastWork;
    double leastTime = secondsPerToken.applyAsDouble(least);
    double moreTime = moreWork == 0 ? 0 : secondsPerToken.applyAsDouble(most) - leastTime;
    for (PlannedTrial trial : group) {
      double share = moreWork == 0 ? 0 : (work.get(trial) - leastWork) / moreWork;
      double evaluated = (double) trial.spec().training().epochs() * corpus.valid().tokens();
      double tokens = trial.tokens(corpus) + EVALUATION * evaluated;
      seconds.put(trial, tokens * (leastTime + share * moreTime));
    }
  }

  private static double workPerToken(PlannedTrial trial, Corpus corpus) {
    return trial.work(corpus) / trial.tokens(corpus);
  }

  private static List<Object> arithmetic(Training training) {
    return List.of(training.engine(), training.precision());
  }
}
