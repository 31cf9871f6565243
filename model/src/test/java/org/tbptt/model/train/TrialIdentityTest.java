package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class TrialIdentityTest {

  private static final String CORPUS = "toy-0123456789abcdef";

  @Test
  void canonicalTextNamesEverythingThatChangesNumbers() {
    assertThat(
            TrialIdentity.canonicalText(
                spec(new TrueStyle(5, 20), 0.8, Carry.POST_DROPOUT, Normalisation.R2RT), CORPUS))
        .isEqualTo(
            """
            format = 2
            corpus = toy-0123456789abcdef
            seq-len = 20
            bptt-steps = 5
            k1 = 1
            history = 0
            pi = 1
            update-every = 20
            cell = tanh
            state-size = 100
            embed-size = 50
            keep-prob = 0.8
            init = uniform-unit-scaling
            carry = post-dropout
            epochs = 20
            batch-size = 32
            optimizer = adam
            learning-rate = 0.0003
            normalisation = r2rt
            clip-norm = 0
            precision = fp32
            seed = 1
            """);
  }

  @Test
  void idIsAHashThatDoesNotChange() {
    // Results that are stored under it have to be found again: a change here needs a new format.
    assertThat(
            TrialIdentity.of(
                spec(new TrueStyle(5, 20), 0.8, Carry.POST_DROPOUT, Normalisation.R2RT), CORPUS))
        .isEqualTo("cd796df55a8e17db");
  }

  @Test
  void stylesAreTheSameWhereErrorsReachTheStartOfTheWindow() {
    String tf = id(new TensorFlowStyle(20), 0.8, Carry.STATE, Normalisation.MEAN);

    assertThat(id(new TrueStyle(20, 20), 0.8, Carry.STATE, Normalisation.R2RT)).isEqualTo(tf);
    assertThat(id(new FullStyle(20), 0.8, Carry.STATE, Normalisation.R2RT)).isEqualTo(tf);
    assertThat(id(new TrueStyle(19, 20), 0.8, Carry.STATE, Normalisation.MEAN)).isNotEqualTo(tf);
  }

  @Test
  void stylesWithOtherNamesAreTheirNumbers() {
    assertThat(id(new IntervalStyle(1, 5, 20, true))).isEqualTo(id(new TrueStyle(5, 20, true)));
    assertThat(id(new IntervalStyle(20, 40, 20, true))).isEqualTo(id(new FullStyle(20, true)));
    assertThat(id(new IntervalStyle(4, 20, 20, false))).isEqualTo(id(new TensorFlowStyle(20)));
    assertThat(id(new RandomStyle(1, 20))).isEqualTo(id(new TensorFlowStyle(20)));
    assertThat(id(new TrueStyle(1, 20, true))).isEqualTo(id(new TrueStyle(1, 20)));
  }

  @Test
  void everyNumberOfAStyleCounts() {
    assertThat(
            Stream.of(
                    new TrueStyle(4, 20),
                    new TrueStyle(4, 20, true),
                    new TrueStyle(4, 40),
                    new TrueStyle(20, 20, true),
                    new FullStyle(20),
                    new FullStyle(20, true),
                    new IntervalStyle(2, 4, 20, false),
                    new IntervalStyle(2, 4, 20, true),
                    new IntervalStyle(4, 4, 20, true),
                    new TensorFlowStyle(4),
                    new RandomStyle(0.5, 20),
                    new RandomStyle(0.25, 20),
                    new SentenceStyle(4),
                    new SentenceStyle(20),
                    new AdaptiveStyle(0.1, 4, 20),
                    new AdaptiveStyle(0.2, 4, 20))
                .map(TrialIdentityTest::id))
        .doesNotHaveDuplicates();
  }

  @Test
  void sentencesCarryNoState() {
    assertThat(id(new SentenceStyle(4), 0.8, Carry.POST_DROPOUT, Normalisation.MEAN))
        .isEqualTo(id(new SentenceStyle(4), 0.8, Carry.STATE, Normalisation.MEAN));
  }

  @Test
  void parametersCountForTheirOptimizerAlone() {
    assertThat(optimizer(Optimizer.MOMENTUM, 0.5, 0.9, Schedule.CONSTANT, 0))
        .contains("optimizer = momentum\nmomentum = 0.5\n")
        .doesNotContain("rms-decay");
    assertThat(optimizer(Optimizer.RMSPROP, 0.5, 0.8, Schedule.CONSTANT, 0))
        .contains("optimizer = rmsprop\nrms-decay = 0.8\n")
        .doesNotContain("momentum");
    assertThat(optimizer(Optimizer.MOMENTUM, 0, 0.9, Schedule.CONSTANT, 0))
        .isEqualTo(optimizer(Optimizer.SGD, 0.9, 0.5, Schedule.CONSTANT, 0));
  }

  /** Else one could not go on from the other's checkpoint, which has the same name. */
  @Test
  void momentumOf0IsUpdatedAsSgdIs() {
    assertThat(training(Optimizer.MOMENTUM, 0, 0.9, Schedule.CONSTANT, 0).update())
        .isEqualTo(training(Optimizer.SGD, 0, 0.9, Schedule.CONSTANT, 0).update());
    assertThat(training(Optimizer.MOMENTUM, 0.5, 0.9, Schedule.CONSTANT, 0).update().optimizer())
        .isEqualTo(Optimizer.MOMENTUM);
  }

  @Test
  void aScheduleCountsWhereItChangesTheRate() {
    Schedule steps = new Schedule(Schedule.Kind.STEP, 0.5, 2, 0);

    assertThat(optimizer(Optimizer.SGD, 0, 0, steps, 0))
        .contains("schedule = step\nschedule.factor = 0.5\nschedule.epochs = 2\n");
    assertThat(optimizer(Optimizer.SGD, 0, 0, new Schedule(Schedule.Kind.STEP, 0.5, 3, 0), 0))
        .isEqualTo(optimizer(Optimizer.SGD, 0, 0, Schedule.CONSTANT, 0));
  }

  @Test
  void theEpochAfterWhichTheRateFallsCountsWhereItIsNotTheCurvesOwn() {
    Schedule steps = new Schedule(Schedule.Kind.STEP, 0.5, 1, 2);

    assertThat(optimizer(Optimizer.SGD, 0, 0, steps, 0)).contains("\nschedule.after = 2\n");
    assertThat(optimizer(Optimizer.SGD, 0, 0, new Schedule(Schedule.Kind.STEP, 0.5, 1, 1), 0))
        .isEqualTo(optimizer(Optimizer.SGD, 0, 0, new Schedule(Schedule.Kind.STEP, 0.5, 1, 0), 0));
  }

  @Test
  void settingsOfGatesAndStacksCountOnlyThere() {
    assertThat(network(Cell.LSTM, 1, Initialiser.GLOROT, 0.1, 1))
        .contains("cell = lstm\nforget-bias = 1\n")
        .doesNotContain("layers")
        .doesNotContain("init-scale");
    assertThat(network(Cell.GRU, 2, Initialiser.UNIFORM, 0.05, 1))
        .contains("cell = gru\nlayers = 2\nstate-size = 4\n")
        .contains("init = uniform\ninit-scale = 0.05\n")
        .doesNotContain("forget-bias");
    assertThat(network(Cell.TANH, 1, Initialiser.GLOROT, 0.05, 1))
        .isEqualTo(network(Cell.TANH, 1, Initialiser.GLOROT, 0.1, 1));
  }

  private static String network(
      Cell cell, int layers, Initialiser init, double initScale, double forgetBias) {
    RnnModel model = new RnnModel(cell, layers, 4, 4, 1, init, initScale, forgetBias, Carry.STATE);
    return TrialIdentity.canonicalText(
        new TrialSpec(
            new TensorFlowStyle(4), model, training(0.1, 0, EngineChoice.AUTO).training(), 1),
        CORPUS);
  }

  @Test
  void updatesCountWhereTheyAreMoreThanOneForAWindow() {
    assertThat(optimizer(Optimizer.SGD, 0, 0, Schedule.CONSTANT, 4))
        .isEqualTo(optimizer(Optimizer.SGD, 0, 0, Schedule.CONSTANT, 0));
    assertThat(optimizer(Optimizer.SGD, 0, 0, Schedule.CONSTANT, 2))
        .contains("\nupdate-every = 2\n");
  }

  @Test
  void whatAnAdaptiveStyleChoosesByCounts() {
    TrialSpec spec = spec(new AdaptiveStyle(0.1, 4, 20), 1, Carry.STATE, Normalisation.MEAN);
    TrialSpec longer =
        new TrialSpec(
            spec.truncation(),
            spec.model(),
            spec.training(),
            new Diagnostics(1, 60, 0),
            spec.seed());

    assertThat(TrialIdentity.of(longer, CORPUS)).isNotEqualTo(TrialIdentity.of(spec, CORPUS));
  }

  @Test
  void normalisationCountsWhereErrorsAreCutInsideTheWindow() {
    assertThat(id(new TrueStyle(5, 20), 1, Carry.STATE, Normalisation.R2RT))
        .isNotEqualTo(id(new TrueStyle(5, 20), 1, Carry.STATE, Normalisation.MEAN));
  }

  @Test
  void carryCountsOnlyWithDropout() {
    Truncation truncation = new TrueStyle(5, 20);

    assertThat(id(truncation, 1, Carry.POST_DROPOUT, Normalisation.MEAN))
        .isEqualTo(id(truncation, 1, Carry.STATE, Normalisation.MEAN));
    assertThat(id(truncation, 0.8, Carry.POST_DROPOUT, Normalisation.MEAN))
        .isNotEqualTo(id(truncation, 0.8, Carry.STATE, Normalisation.MEAN));
  }

  @Test
  void whatIsMeasuredMeanwhileDoesNotCount() {
    TrialSpec spec = spec(new TrueStyle(5, 20), 1, Carry.STATE, Normalisation.MEAN);
    TrialSpec measured =
        new TrialSpec(
            spec.truncation(),
            spec.model(),
            spec.training(),
            new Diagnostics(4, 50, 0),
            spec.seed());

    assertThat(TrialIdentity.of(measured, CORPUS)).isEqualTo(TrialIdentity.of(spec, CORPUS));
  }

  @Test
  void anotherCorpusIsAnotherTrial() {
    TrialSpec spec = spec(new TensorFlowStyle(5), 1, Carry.STATE, Normalisation.MEAN);

    assertThat(TrialIdentity.of(spec, "ptb-1")).isNotEqualTo(TrialIdentity.of(spec, "ptb-2"));
  }

  @Test
  void theEngineCountsWhereItIsNamed() {
    assertThat(TrialIdentity.canonicalText(training(0.1, 0, EngineChoice.ND4J), CORPUS))
        .contains("\nengine = nd4j\n");
    assertThat(TrialIdentity.canonicalText(training(0.1, 0, EngineChoice.AUTO), CORPUS))
        .doesNotContain("engine");
  }

  @Test
  void numbersAreWrittenInTheirFewestDigits() {
    assertThat(TrialIdentity.canonicalText(training(1e-7, -0.0, EngineChoice.AUTO), CORPUS))
        .contains("\nlearning-rate = 0.0000001\n", "\nclip-norm = 0\n");
    assertThat(TrialIdentity.canonicalText(training(0.1 + 0.2, 100, EngineChoice.AUTO), CORPUS))
        .contains("\nlearning-rate = 0.30000000000000004\n", "\nclip-norm = 100\n");
  }

  /** A trial of 3 epochs with windows of 4 steps. */
  private static String optimizer(
      Optimizer optimizer, double momentum, double rmsDecay, Schedule schedule, int updateEvery) {
    Training training = training(optimizer, momentum, rmsDecay, schedule, updateEvery);
    RnnModel model = new RnnModel(Cell.TANH, 4, 4, 1, Initialiser.GLOROT, Carry.STATE);
    return TrialIdentity.canonicalText(
        new TrialSpec(new TensorFlowStyle(4), model, training, 1), CORPUS);
  }

  private static Training training(
      Optimizer optimizer, double momentum, double rmsDecay, Schedule schedule, int updateEvery) {
    return new Training(
        3,
        1,
        updateEvery,
        optimizer,
        momentum,
        rmsDecay,
        0.1,
        schedule,
        Normalisation.MEAN,
        0,
        EngineChoice.AUTO,
        Precision.FP32);
  }

  private static String id(Truncation truncation) {
    return id(truncation, 0.8, Carry.STATE, Normalisation.MEAN);
  }

  private static String id(
      Truncation truncation, double keepProb, Carry carry, Normalisation normalisation) {
    return TrialIdentity.of(spec(truncation, keepProb, carry, normalisation), CORPUS);
  }

  private static TrialSpec spec(
      Truncation truncation, double keepProb, Carry carry, Normalisation normalisation) {
    return new TrialSpec(
        truncation,
        new RnnModel(Cell.TANH, 100, 50, keepProb, Initialiser.UNIFORM_UNIT_SCALING, carry),
        new Training(
            20,
            32,
            0,
            Optimizer.ADAM,
            0.9,
            0.9,
            0.0003,
            Schedule.CONSTANT,
            normalisation,
            0,
            EngineChoice.AUTO,
            Precision.FP32),
        new Diagnostics(1, 50, 0),
        1);
  }

  private static TrialSpec training(double learningRate, double clipNorm, EngineChoice engine) {
    return new TrialSpec(
        new TensorFlowStyle(5),
        new RnnModel(Cell.TANH, 4, 4, 1, Initialiser.GLOROT, Carry.STATE),
        new Training(
            1,
            1,
            0,
            Optimizer.SGD,
            0.9,
            0.9,
            learningRate,
            Schedule.CONSTANT,
            Normalisation.MEAN,
            clipNorm,
            engine,
            Precision.FP32),
        1);
  }
}
