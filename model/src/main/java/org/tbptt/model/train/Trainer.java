package org.tbptt.model.train;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Parameters;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.corpus.WindowSource;

/** Trains one trial: epochs of windows, a validation after each. */
public final class Trainer {

  /**
   * A trial has diverged if its validation loss is more than this many times ln V, the loss of a
   * uniform guess: the geometric mean of the tokens' probabilities is then below V^-100. First
   * epochs with a rate that is too high end at 10 to 70 ln V, from where a trial can recover as its
   * rate falls.
   */
  static final double DIVERGED = 100;

  private final TrialSpec spec;
  private final int threads;
  private final CoreConfig config;
  private final WindowSource training;
  private final WindowSource validation;
  private final double highestLoss;
  private final TrialDiagnostics diagnostics;
  private final BpttStepsChoice bpttSteps;
  private final TrainingListener listener;
  private final Checkpoints checkpoints;
  private final CheckpointPace pace;
  private final StopCondition stopping;
  private final String trialId;

  // The progress; all of it goes into a checkpoint.
  private Instant started = Instant.now();
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private EpochSums sums = EpochSums.before(1);
  private Map<String, INDArray> epochStart = Map.of();

  private double lastTold;

  /**
   * Cuts the corpus into windows; saves no checkpoints, uses one thread.
   *
   * @throws IllegalArgumentException as {@link TrialWindows#of}
   */
  public Trainer(TrialSpec spec, Corpus corpus, TrainingListener listener) {
    this(spec, corpus, 1, listener, Checkpoints.NONE, Duration.ofSeconds(60), StopCondition.NEVER);
  }

  /**
   * Cuts the corpus into windows.
   *
   * @param threads that compute a step together, at least 1
   * @param checkpoints where checkpoints are read and saved
   * @param checkpointInterval the least time between two checkpoints inside an epoch
   * @param stopping when it stops before the last epoch
   * @throws IllegalArgumentException as {@link TrialWindows#of}
   */
  public Trainer(
      TrialSpec spec,
      Corpus corpus,
      int threads,
      TrainingListener listener,
      Checkpoints checkpoints,
      Duration checkpointInterval,
      StopCondition stopping) {
    this.spec = spec;
    this.threads = threads;
    this.config = TrialWindows.core(spec, corpus);
    this.training = TrialWindows.of(spec, corpus, corpus.train());
    this.validation = TrialWindows.of(spec, corpus, corpus.valid());
    this.highestLoss = DIVERGED * Math.log(corpus.vocabulary().size());
    this.diagnostics = new TrialDiagnostics(spec, corpus);
    this.bpttSteps = new BpttStepsChoice(spec.truncation());
    this.listener = listener;
    this.checkpoints = checkpoints;
    this.pace = new CheckpointPace(checkpointInterval, now());
    this.stopping = stopping;
    this.trialId = TrialIdentity.of(spec, corpus.id());
  }

  /**
   * Trains to the last epoch, until the trial diverges or until it is to stop; resumes from the
   * newest checkpoint if there is one of this engine and instruction set. Call it once.
   *
   * @throws CancellationException if the thread is interrupted: within a second during training and
   *     evaluation, between held windows during diagnostics
   */
  public TrialOutcome train() {
    try (RnnCore core = open(config);
        InterruptWatch watch = new InterruptWatch(core::cancel)) {
      boolean resumed = resume(core);
      listener.started(progress(), List.copyOf(epochs), started);
      TrialStatus status;
      String reason = "";
      try {
        if (!resumed) {
          measure(0, core);
        }
        status = trainEpochs(core);
      } catch (DivergedException diverged) {
        status = TrialStatus.DIVERGED;
        reason = diverged.getMessage();
      }
      return new TrialOutcome(
          status,
          reason,
          epochs,
          diagnostics.diagnoses(),
          core.engine(),
          core.instructionSet(),
          pace.secondsSaving(),
          started,
          Instant.now());
    } finally {
      releaseEpochStart();
    }
  }

  private boolean resume(RnnCore core) {
    Optional<Checkpoint> newest = checkpoints.newest();
    if (newest.isEmpty()) {
      return false;
    }
    Checkpoint found = newest.get();
    if (!found.engine().equals(core.engine())
        || !found.instructionSet().equals(core.instructionSet())) {
      found.close();
      // Its results and this engine's would not be bit-identical.
      checkpoints.discard(
          "of %s %s, and this is %s %s"
              .formatted(
                  found.engine(), found.instructionSet(), core.engine(), core.instructionSet()));
      return false;
    }
    epochStart = found.epochStart(); // released with the trainer's own if the rest is rejected
    try (CoreState state = found.core()) {
      core.restore(state);
    }
    started = found.startedAt();
    epochs.addAll(found.epochs());
    diagnostics.resume(found.diagnoses());
    found.diagnoses().forEach(bpttSteps::after);
    sums = found.running();
    return true;
  }

  private void save(RnnCore core) {
    double from = now();
    try (CoreState state = core.snapshot()) {
      checkpoints.save(
          new Checkpoint(
              trialId,
              core.engine(),
              core.instructionSet(),
              started,
              epochs,
              diagnostics.diagnoses(),
              sums,
              epochStart,
              state));
    }
    pace.saved(from, now());
  }

  private RnnCore open(CoreConfig config) {
    return spec.training().engine().open(config, spec.seed(), threads);
  }

  private TrialStatus trainEpochs(RnnCore core) {
    boolean epochEnded = false; // in this attempt
    while (sums.epoch() <= spec.training().epochs()) {
      if (stopping.stopsAfter(List.copyOf(epochs))) {
        save(core); // also where it has just resumed: an attempt that ends here was not in vain
        return TrialStatus.STOPPED;
      }
      if (epochEnded && pace.dueAfterEpoch(now())) {
        save(core);
      }
      trainEpoch(core);
      epochEnded = true;
    }
    return TrialStatus.COMPLETED;
  }

  private void trainEpoch(RnnCore core) {
    int epoch = sums.epoch();
    if (sums.windows() == 0) {
      epochStart = copyOfParameters(core);
      core.resetState();
    }
    List<Window> windows = training.epoch(epoch);
    for (int index = sums.windows(); index < windows.size(); index++) {
      stopIfInterrupted();
      trainWindow(core, epoch, index, windows.get(index));
      tell();
      if (index + 1 < windows.size() && pace.dueInsideEpoch(now())) {
        save(core);
      }
    }
    double validLoss = validate(core);
    boolean diverged = !(validLoss <= highestLoss); // or is NaN
    EpochMetrics metrics = metrics(core, diverged ? Double.NaN : validLoss);
    if (isBest(metrics, epochs)) {
      listener.improved(metrics, core);
    }
    epochs.add(metrics);
    listener.epochEnded(metrics);
    if (diverged) {
      throw new DivergedException(
          String.format(
              Locale.ROOT,
              "validation loss %.3g after epoch %d, must be at most %.0f ln V = %.1f nats per token",
              validLoss,
              epoch,
              DIVERGED,
              highestLoss));
    }
    measure(epoch, core);
    releaseEpochStart();
    sums = EpochSums.before(epoch + 1);
  }

  /** Measures after an epoch, and lets the style choose n of the next one. */
  private void measure(int epoch, RnnCore core) {
    diagnostics
        .measure(epoch, core, spec.truncation().inUse(bpttSteps.inUse()))
        .ifPresent(
            diagnosis -> {
              bpttSteps.after(diagnosis);
              bpttSteps.applyTo(core);
            });
  }

  private void trainWindow(RnnCore core, int epoch, int index, Window window) {
    double from = now();
    startWindow(core);
    StepResult step = core.train(window, spec.draws(epoch, index), learningRate(epoch, index));
    if (!Double.isFinite(step.loss()) || !Double.isFinite(step.gradientNorm())) {
      throw new DivergedException(
          "loss %s, gradient norm %s in epoch %d, window %d of %d"
              .formatted(step.loss(), step.gradientNorm(), epoch, index + 1, training.windows()));
    }
    sums = sums.plus(step, now() - from);
  }

  private EpochMetrics metrics(RnnCore core, double validLoss) {
    int windows = training.windows();
    return new EpochMetrics(
        sums.epoch(),
        bpttSteps.inUse(),
        bpttSteps.biasBound(),
        sums.losses() / sums.counted(),
        validLoss,
        sums.gradientNorms() / windows,
        (double) sums.clipped() / windows,
        distanceFromEpochStart(core),
        sums.counted(),
        sums.seconds());
  }

  private void tell() {
    double now = now();
    if (now - lastTold >= 1) {
      lastTold = now;
      listener.progressed(progress());
    }
  }

  private TrainingProgress progress() {
    return new TrainingProgress(
        sums.epoch(),
        spec.training().epochs(),
        sums.windows(),
        training.windows(),
        sums.losses() / sums.counted(),
        sums.counted() / sums.seconds());
  }

  private static boolean isBest(EpochMetrics metrics, List<EpochMetrics> before) {
    return Double.isFinite(metrics.validLoss())
        && before.stream().allMatch(earlier -> metrics.validLoss() < earlier.validLoss());
  }

  /** The state is that of the window before, or zero if each window is a batch of sentences. */
  private void startWindow(RnnCore core) {
    if (!spec.truncation().carriesState()) {
      core.resetState();
    }
  }

  private double learningRate(int epoch, int window) {
    Training settings = spec.training();
    return settings.schedule().rate(settings.learningRate(), epoch, window, training.windows());
  }

  /** Mean loss over the validation stream, nats per token, from a zero state. */
  private double validate(RnnCore core) {
    core.resetState();
    double losses = 0;
    long counted = 0;
    for (Window window : validation.epoch(0)) {
      stopIfInterrupted();
      startWindow(core);
      Evaluation evaluation = core.evaluate(window);
      losses += evaluation.lossSum();
      counted += evaluation.counted();
    }
    return losses / counted;
  }

  private static Map<String, INDArray> copyOfParameters(RnnCore core) {
    Map<String, INDArray> copy = new HashMap<>();
    for (Parameter parameter : core.shape().parameters()) {
      copy.put(parameter.key(), core.read(parameter));
    }
    return copy;
  }

  /** The L2 norm of this epoch's change of all parameters together. */
  private double distanceFromEpochStart(RnnCore core) {
    double squares = 0;
    for (Parameter parameter : core.shape().parameters()) {
      try (INDArray now = core.read(parameter)) {
        squares += Parameters.squares(now.subi(epochStart.get(parameter.key())));
      }
    }
    return Math.sqrt(squares);
  }

  private void releaseEpochStart() {
    epochStart.values().forEach(INDArray::close);
    epochStart = Map.of();
  }

  /** Seconds of a monotonic clock. */
  private static double now() {
    return System.nanoTime() / 1e9;
  }

  private static void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while training");
    }
  }

  /** Loss or gradient are not finite, or the loss is above the limit. */
  private static final class DivergedException extends RuntimeException {
    DivergedException(String message) {
      super(message);
    }
  }
}
