package org.tbptt.model.train;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Evaluation;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.StepResult;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.WindowStream;

/** Trains one trial: epochs of windows, a validation after each. */
public final class Trainer {

  private final TrialSpec spec;
  private final WindowStream training;
  private final WindowStream validation;
  private final int vocabulary;
  private final TrialDiagnostics diagnostics;
  private final EpochListener listener;

  /**
   * Cuts the corpus into windows.
   *
   * @throws IllegalArgumentException if a stream is shorter than one window
   */
  public Trainer(TrialSpec spec, Corpus corpus, EpochListener listener) {
    int batchSize = spec.training().batchSize();
    int seqLen = spec.truncation().seqLen();
    this.spec = spec;
    this.training = new WindowStream(corpus.train(), batchSize, seqLen);
    this.validation = new WindowStream(corpus.valid(), batchSize, seqLen);
    this.vocabulary = corpus.vocabulary().size();
    this.diagnostics = new TrialDiagnostics(spec, corpus);
    this.listener = listener;
  }

  /**
   * Trains to the last epoch, or until loss or gradient stop being finite.
   *
   * @throws CancellationException if the thread is interrupted
   */
  public TrialOutcome train() {
    Instant started = Instant.now();
    List<EpochMetrics> epochs = new ArrayList<>();
    try (RnnCore core = open(config())) {
      TrialStatus status = TrialStatus.COMPLETED;
      String reason = "";
      try {
        diagnostics.measure(0, core);
        for (int epoch = 1; epoch <= spec.training().epochs(); epoch++) {
          EpochMetrics metrics = epoch(core, epoch);
          if (isBest(metrics, epochs)) {
            listener.improved(metrics, core);
          }
          epochs.add(metrics);
          listener.epochEnded(metrics);
          if (!Double.isFinite(metrics.validLoss())) {
            throw new DivergedException(
                "validation loss became %s after epoch %d".formatted(metrics.validLoss(), epoch));
          }
          diagnostics.measure(epoch, core);
        }
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
          started,
          Instant.now());
    }
  }

  private CoreConfig config() {
    Training settings = spec.training();
    return new CoreConfig(
        vocabulary,
        settings.batchSize(),
        spec.truncation().seqLen(),
        spec.model(),
        spec.truncation(),
        settings.update(),
        settings.normalisation(),
        settings.precision());
  }

  private RnnCore open(CoreConfig config) {
    return spec.training().engine().open(config, spec.seed());
  }

  private EpochMetrics epoch(RnnCore core, int epoch) {
    Map<Parameter, INDArray> before = copyOfParameters(core);
    long start = System.nanoTime();
    double losses = 0;
    double norms = 0;
    int clipped = 0;
    core.resetState();
    for (int index = 0; index < training.windows(); index++) {
      stopIfInterrupted();
      Draws draws =
          Draws.of(
              spec.model().keepProb(), spec.truncation().linkKeep(), spec.seed(), epoch, index);
      StepResult step = core.train(training.window(index), draws, learningRate(epoch, index));
      if (!Double.isFinite(step.loss()) || !Double.isFinite(step.gradientNorm())) {
        throw new DivergedException(
            "loss %s, gradient norm %s in epoch %d, window %d of %d"
                .formatted(step.loss(), step.gradientNorm(), epoch, index + 1, training.windows()));
      }
      losses += step.loss();
      norms += step.gradientNorm();
      clipped += step.clipped() ? 1 : 0;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    int windows = training.windows();
    return new EpochMetrics(
        epoch,
        diagnostics.bpttSteps(),
        diagnostics.biasBound(),
        losses / windows,
        validate(core),
        norms / windows,
        (double) clipped / windows,
        distanceFrom(before, core),
        training.tokens(),
        seconds);
  }

  private static boolean isBest(EpochMetrics metrics, List<EpochMetrics> before) {
    return Double.isFinite(metrics.validLoss())
        && before.stream().allMatch(earlier -> metrics.validLoss() < earlier.validLoss());
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
    for (int index = 0; index < validation.windows(); index++) {
      stopIfInterrupted();
      Evaluation evaluation = core.evaluate(validation.window(index));
      losses += evaluation.lossSum();
      counted += evaluation.counted();
    }
    return losses / counted;
  }

  private static Map<Parameter, INDArray> copyOfParameters(RnnCore core) {
    Map<Parameter, INDArray> copy = new EnumMap<>(Parameter.class);
    for (Parameter parameter : Parameter.values()) {
      copy.put(parameter, core.read(parameter));
    }
    return copy;
  }

  /** The L2 norm of what changed; releases the copy. */
  private static double distanceFrom(Map<Parameter, INDArray> before, RnnCore core) {
    double squares = 0;
    for (Map.Entry<Parameter, INDArray> entry : before.entrySet()) {
      try (INDArray then = entry.getValue();
          INDArray now = core.read(entry.getKey())) {
        double norm = then.subi(now).norm2Number().doubleValue();
        squares += norm * norm;
      }
    }
    return Math.sqrt(squares);
  }

  private static void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while training");
    }
  }

  /** Loss or gradient are no longer finite. */
  private static final class DivergedException extends RuntimeException {
    DivergedException(String message) {
      super(message);
    }
  }
}
