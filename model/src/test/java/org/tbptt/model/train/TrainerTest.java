package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class TrainerTest {

  private static final Corpus TOY = new ToySource(List.of(1, 2), 4_000, 1_000, 100, 1).load();

  @Test
  void aNetworkLearnsWhatItsErrorsReach() {
    Corpus longer = new ToySource(List.of(1, 2), 20_000, 4_000, 100, 1).load();
    TrialOutcome reaching = train(spec(new TrueStyle(3, 10), 0.02, 4, 0), longer);
    TrialOutcome blind = train(spec(new TrueStyle(1, 10), 0.02, 4, 0), longer);

    // Entropies with lags 1 and 2: 0.66 neither learned, 0.45 both.
    assertThat(reaching.status()).isEqualTo(TrialStatus.COMPLETED);
    assertThat(reaching.best().orElseThrow().validLoss()).isCloseTo(0.454, within(0.02));
    // 0.50: the recurrence carries some of lag 1 on by its random weights, which nothing trains.
    assertThat(blind.best().orElseThrow().validLoss()).isGreaterThan(0.48);
  }

  @Test
  void everyEpochIsReportedAsItEnds() {
    List<EpochMetrics> heard = new ArrayList<>();
    TrialOutcome outcome =
        new Trainer(spec(new TensorFlowStyle(5), 0.01, 3, 0), TOY, heard::add).train();

    assertThat(heard).isEqualTo(outcome.epochs()).hasSize(3);
    assertThat(heard).extracting(EpochMetrics::epoch).containsExactly(1, 2, 3);
    EpochMetrics first = heard.get(0);
    assertThat(first.tokens()).isEqualTo(4_000);
    assertThat(first.trainLoss()).isBetween(0.4, 0.8);
    assertThat(first.validPerplexity()).isCloseTo(Math.exp(first.validLoss()), within(1e-12));
    assertThat(first.gradientNorm()).isPositive();
    assertThat(first.updateNorm()).isPositive();
    assertThat(first.clippedShare()).isZero();
    assertThat(outcome.trainTokens()).isEqualTo(12_000);
    assertThat(outcome.engine()).isEqualTo("nd4j");
    assertThat(outcome.reason()).isEmpty();
  }

  @Test
  void theSameTrialGivesTheSameNumbersBitForBit() {
    TrialSpec spec = spec(new TrueStyle(3, 10), 0.01, 2, 0);
    List<Double> once = losses(train(spec));

    assertThat(losses(train(spec))).isEqualTo(once);
    TrialSpec otherSeed = new TrialSpec(spec.truncation(), spec.model(), spec.training(), 2);
    assertThat(losses(train(otherSeed))).isNotEqualTo(once);
  }

  @Test
  void theNativeCoreTrainsAWholeEpochAsTheReferenceDoes() {
    assumeTrue(NativeLibrary.problem().isEmpty(), () -> NativeLibrary.problem().orElseThrow());
    TrialSpec reference = spec(new TrueStyle(3, 10), 0.01, 2, 0);
    TrialSpec nativeCore = with(reference, EngineChoice.NATIVE);

    TrialOutcome outcome = train(nativeCore);

    assertThat(outcome.engine()).isEqualTo("native");
    assertThat(outcome.instructionSet()).isEqualTo(NativeLibrary.instructionSet());
    List<Double> expected = losses(train(reference));
    assertThat(losses(outcome))
        .zipSatisfy(expected, (loss, other) -> assertThat(loss).isCloseTo(other, within(2e-4)));
    assertThat(train(with(reference, EngineChoice.AUTO)).engine()).isEqualTo("native");
    assertThat(losses(train(nativeCore))).isEqualTo(losses(outcome));
  }

  @Test
  void aLossThatStopsBeingFiniteEndsTheTrialAsDiverged() {
    TrialOutcome outcome = train(spec(new TensorFlowStyle(5), 1e38, 3, 0));

    assertThat(outcome.status()).isEqualTo(TrialStatus.DIVERGED);
    assertThat(outcome.reason()).contains("epoch 1, window");
    assertThat(outcome.best()).isEmpty();
  }

  @Test
  void aFiniteLossBeyondAllReasonEndsTheTrialAsDivergedToo() {
    // Not so high that products overflow: then rounding decides whether there are NaNs.
    TrialOutcome outcome = train(spec(new TensorFlowStyle(5), 1e6, 3, 0));

    assertThat(outcome.status()).isEqualTo(TrialStatus.DIVERGED);
    assertThat(outcome.reason())
        .matches(
            "validation loss \\d\\.\\d\\de\\+\\d\\d after epoch 1,"
                + " must be at most 100 ln V = 69\\.3 nats per token");
    assertThat(outcome.epochs()).hasSize(1);
    assertThat(outcome.epochs().get(0).validLoss()).isNaN();
    assertThat(outcome.best()).isEmpty();
  }

  @Test
  void aLossFarAboveThatOfKnowingNothingIsNoDivergenceYet() {
    TrialOutcome outcome = train(spec(new TensorFlowStyle(5), 30, 3, 0));

    assertThat(outcome.status()).isEqualTo(TrialStatus.COMPLETED);
    assertThat(losses(outcome)).hasSize(3).anyMatch(loss -> loss > 10 * Math.log(2));
  }

  @Test
  void clippingIsCounted() {
    TrialOutcome outcome = train(spec(new TensorFlowStyle(5), 0.01, 1, 1e-6));

    assertThat(outcome.epochs().get(0).clippedShare()).isEqualTo(1);
  }

  @Test
  void anInterruptStopsTraining() {
    Trainer trainer =
        new Trainer(
            spec(new TensorFlowStyle(5), 0.01, 3, 0),
            TOY,
            epoch -> Thread.currentThread().interrupt());

    assertThatThrownBy(trainer::train).isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void sentencesAreTrainedOnAndValidatedByTheirTokens() {
    int[] text =
        new Random(1).ints(400, 1, 5).boxed().flatMapToInt(TrainerTest::sentence).toArray();
    TokenStream stream = TokenStream.ofText(text);
    Vocabulary words = new Vocabulary(List.of("<eos>", "a", "b", "c", "d"));
    Corpus corpus = new Corpus("text", words, stream, stream, stream);

    TrialOutcome outcome =
        new Trainer(spec(new SentenceStyle(3), 0.02, 8, 0), corpus, epoch -> {}).train();

    assertThat(outcome.status()).isEqualTo(TrialStatus.COMPLETED);
    assertThat(outcome.epochs()).extracting(EpochMetrics::tokens).containsOnly((long) text.length);
    // Only the first word of a sentence cannot be foreseen: log 4 nats in 3.5 tokens, 0.4 each.
    assertThat(outcome.best().orElseThrow().validLoss()).isBetween(0.38, 0.8);
    assertThat(outcome.epochs().get(0).validLoss()).isBetween(0.8, Math.log(5));
  }

  /** The word of id n stands n times: "a", "b b", "c c c" or "d d d d", and the end. */
  private static IntStream sentence(int word) {
    return IntStream.concat(IntStream.generate(() -> word).limit(word), IntStream.of(0));
  }

  @Test
  void theRateFallsAsTheScheduleSays() {
    TrialSpec constant = spec(new TensorFlowStyle(5), 0.01, 2, 0);
    Training training = constant.training();
    Training stopping =
        new Training(
            training.epochs(),
            training.batchSize(),
            training.updateEvery(),
            training.optimizer(),
            training.momentum(),
            training.rmsDecay(),
            training.learningRate(),
            new Schedule(Schedule.Kind.STEP, 1e-30, 1, 0),
            training.normalisation(),
            training.clipNorm(),
            training.engine(),
            training.precision());

    List<EpochMetrics> epochs =
        train(new TrialSpec(constant.truncation(), constant.model(), stopping, 1)).epochs();

    // The first epoch has the whole rate; after it nothing moves.
    assertThat(epochs.get(0).updateNorm())
        .isEqualTo(train(constant).epochs().get(0).updateNorm())
        .isPositive();
    assertThat(epochs.get(1).updateNorm()).isZero();
    assertThat(epochs.get(1).validLoss()).isEqualTo(epochs.get(0).validLoss());
  }

  private static TrialOutcome train(TrialSpec spec) {
    return train(spec, TOY);
  }

  private static TrialOutcome train(TrialSpec spec, Corpus corpus) {
    return new Trainer(spec, corpus, epoch -> {}).train();
  }

  static TrialSpec with(TrialSpec spec, EngineChoice engine) {
    Training training = spec.training();
    return new TrialSpec(
        spec.truncation(),
        spec.model(),
        new Training(
            training.epochs(),
            training.batchSize(),
            training.updateEvery(),
            training.optimizer(),
            training.momentum(),
            training.rmsDecay(),
            training.learningRate(),
            training.schedule(),
            training.normalisation(),
            training.clipNorm(),
            engine,
            training.precision()),
        spec.seed());
  }

  private static List<Double> losses(TrialOutcome outcome) {
    return outcome.epochs().stream().map(EpochMetrics::validLoss).toList();
  }

  static TrialSpec spec(Truncation truncation, double learningRate, int epochs, double clipNorm) {
    return new TrialSpec(
        truncation,
        new RnnModel(Cell.TANH, 8, 4, 0.9, Initialiser.GLOROT, Carry.STATE),
        new Training(
            epochs,
            20,
            0,
            Optimizer.ADAM,
            0.9,
            0.9,
            learningRate,
            Schedule.CONSTANT,
            Normalisation.MEAN,
            clipNorm,
            EngineChoice.ND4J,
            Precision.FP32),
        1);
  }
}
