package org.tbptt.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.tensors.TensorFormatException;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** A trial that is stopped and gone on with gives the numbers of one that never stopped. */
class ResumeTest {

  private static final Corpus TOY = new ToySource(List.of(1, 2), 4_000, 1_000, 1_000, 1).load();
  private static final int WINDOWS = 4_000 / 20 / 10;

  private static final TrialSpec REFERENCE = spec(EngineChoice.ND4J, new TrueStyle(3, 10));

  private static TrialSpec spec(EngineChoice engine, Truncation truncation) {
    TrialSpec base = TrainerTest.with(TrainerTest.spec(new TrueStyle(3, 10), 0.01, 3, 0), engine);
    return new TrialSpec(
        truncation, base.model(), base.training(), new Diagnostics(2, 4, 0), base.seed());
  }

  /** Two layers of a gated cell: h, and of an LSTM c, of each. */
  private static TrialSpec gated(EngineChoice engine, Cell cell, Truncation truncation) {
    TrialSpec base = spec(engine, truncation);
    return new TrialSpec(
        truncation,
        new RnnModel(cell, 2, 8, 4, 0.9, Initialiser.GLOROT, 0.1, 1, Carry.STATE),
        base.training(),
        base.diagnostics(),
        base.seed());
  }

  static List<TrialSpec> examples() {
    return List.of(
        REFERENCE,
        spec(EngineChoice.NATIVE, new TrueStyle(3, 10)),
        spec(EngineChoice.NATIVE, new IntervalStyle(2, 6, 10, true)),
        spec(EngineChoice.ND4J, new RandomStyle(0.7, 10)),
        spec(EngineChoice.NATIVE, new AdaptiveStyle(0.5, 3, 10)),
        gated(EngineChoice.NATIVE, Cell.LSTM, new TrueStyle(3, 10, true)),
        gated(EngineChoice.NATIVE, Cell.GRU, new IntervalStyle(2, 6, 10, true)),
        gated(EngineChoice.ND4J, Cell.LSTM, new TensorFlowStyle(10)));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void fromAnyCheckpointTheNumbersAreTheSameBitForBit(TrialSpec example) {
    if (example.training().engine() == EngineChoice.NATIVE) {
      assumeTrue(NativeLibrary.problem().isEmpty(), () -> NativeLibrary.problem().orElseThrow());
    }
    Kept kept = new Kept();
    TrialOutcome whole = train(example, kept);
    // One after each window but the last of an epoch, and one after each epoch but the last.
    assertThat(kept.files).hasSize(3 * WINDOWS - 1);

    List<String> positions = List.copyOf(kept.files.keySet());
    int distance = example.training().engine() == EngineChoice.NATIVE ? 7 : 17; // primes
    for (int i = 0; i < positions.size(); i += distance) {
      String position = positions.get(i);
      TrialOutcome resumed = train(example, kept.upTo(position));
      assertThat(numbers(resumed)).as(position).isEqualTo(numbers(whole));
      assertThat(resumed.diagnoses()).as(position).isEqualTo(whole.diagnoses());
      assertThat(resumed.startedAt()).isEqualTo(whole.startedAt());
    }
  }

  @Test
  void secondsBeforeTheInterruptionCount() {
    Kept kept = new Kept();
    TrialOutcome whole = train(REFERENCE, kept);

    TrialOutcome resumed = train(REFERENCE, kept.upTo("e000003-w000000000"));

    assertThat(resumed.epochs().subList(0, 2)).isEqualTo(whole.epochs().subList(0, 2));
    assertThat(resumed.epochs().get(2).seconds()).isPositive();
  }

  @Test
  void aTrialThatWasInterruptedGoesOnWhereItsLastCheckpointIs() {
    Kept kept = new Kept();
    TrainingListener interrupting =
        metrics -> {
          if (metrics.epoch() == 2) {
            Thread.currentThread().interrupt();
          }
        };
    Trainer first =
        new Trainer(REFERENCE, TOY, 1, interrupting, kept, Duration.ZERO, StopCondition.NEVER);
    assertThatThrownBy(first::train).isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(kept.files.lastKey()).isGreaterThan("e000002-w000000000");

    Instant resumedAt = Instant.now();
    List<TrainingProgress> begun = new ArrayList<>();
    TrainingListener hearing =
        new TrainingListener() {
          @Override
          public void started(TrainingProgress from, List<EpochMetrics> before, Instant since) {
            begun.add(from);
            assertThat(since).isBefore(resumedAt);
            assertThat(before).extracting(EpochMetrics::epoch).containsExactly(1);
          }

          @Override
          public void epochEnded(EpochMetrics metrics) {
            assertThat(metrics.epoch()).isGreaterThan(1);
          }
        };
    TrialOutcome resumed =
        new Trainer(REFERENCE, TOY, 1, hearing, kept, Duration.ofHours(1), StopCondition.NEVER)
            .train();

    assertThat(begun).extracting(TrainingProgress::epoch).containsExactly(2);
    assertThat(numbers(resumed)).isEqualTo(numbers(train(REFERENCE, new Kept())));
  }

  @Test
  void aTrialThatStopsAfterAnEpochResumesAsIfItHadNot() {
    Kept kept = new Kept();
    TrialOutcome stopped = train(REFERENCE, kept, epochs -> epochs.size() == 2);
    assertThat(stopped.status()).isEqualTo(TrialStatus.STOPPED);
    assertThat(stopped.epochs()).hasSize(2);
    assertThat(kept.files.lastKey()).isEqualTo("e000003-w000000000");

    TrialOutcome again = train(REFERENCE, kept, epochs -> epochs.size() >= 1);
    assertThat(again.status()).isEqualTo(TrialStatus.STOPPED);
    assertThat(again.epochs()).isEqualTo(stopped.epochs());

    TrialOutcome resumed = train(REFERENCE, kept);
    assertThat(resumed.status()).isEqualTo(TrialStatus.COMPLETED);
    assertThat(numbers(resumed)).isEqualTo(numbers(train(REFERENCE, new Kept())));
  }

  @Test
  void itIsNotAskedWhetherItStopsAfterItsLastEpoch() {
    List<Integer> asked = new ArrayList<>();
    StopCondition listening =
        epochs -> {
          asked.add(epochs.size());
          return false;
        };
    train(REFERENCE, new Kept(), listening);
    assertThat(asked).containsExactly(0, 1, 2);
  }

  @Test
  void anotherEnginesCheckpointIsNotGoneOnWith() {
    Kept kept = new Kept();
    TrialOutcome whole = train(REFERENCE, kept);
    Kept other = new Kept();
    other.files.putAll(kept.files);
    other.instructionSet = "another";

    assertThat(numbers(train(REFERENCE, other))).isEqualTo(numbers(whole));
    assertThat(other.discarded).containsExactly("of nd4j another, and this is nd4j nd4j");
    assertThat(other.saved).isEqualTo(3 * WINDOWS - 1);
  }

  @Test
  void aPositionHasTheSameDigitsInEveryLocale() {
    Kept kept = new Kept();
    Locale usual = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
    try {
      assertThat("%d".formatted(1)).isEqualTo("\u06f1");
      train(REFERENCE, kept);
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, usual);
    }
    assertThat(kept.files.keySet())
        .isNotEmpty()
        .allMatch(name -> name.matches("e[0-9]{6}-w[0-9]{9}"));
  }

  @Test
  void aFileOfSomethingElseIsNoCheckpoint() {
    try (TensorFile file = new TensorFile(Map.of("format", "model"), Map.of())) {
      assertThatThrownBy(() -> Checkpoint.of(file))
          .isInstanceOf(TensorFormatException.class)
          .hasMessage("format = model: must be tbptt-checkpoint 1");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nothing    | nothing     | it has no trial_id
          trial_id   | a           | it has no engine
          started_at | noon        | its metadata is not that of a checkpoint
          epochs     | none        | its metadata is not that of a checkpoint
          running    | null        | it has no running
          counters   | {"a": "b"}  | its metadata is not that of a checkpoint
          """)
  void aCheckpointThatCannotBeUsedIsClosed(String name, String text, String message) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put("format", "tbptt-checkpoint 1");
    if (!name.equals("nothing") && !name.equals("trial_id")) {
      metadata.putAll(Map.of("trial_id", "a", "engine", "nd4j", "isa", "nd4j", "epochs", "[]"));
      metadata.putAll(
          Map.of("started_at", "2026-11-20T12:00:00Z", "diagnoses", "[]", "counters", "{}"));
      metadata.put("running", "{}");
    }
    metadata.put(name, text);
    INDArray state = Nd4j.ones(DataType.FLOAT, 1, 1);
    INDArray start = Nd4j.ones(DataType.FLOAT, 1, 1);
    TensorFile file = new TensorFile(metadata, Map.of("state", state, "epoch_start.W", start));

    assertThatThrownBy(() -> Checkpoint.of(file))
        .isInstanceOf(TensorFormatException.class)
        .hasMessage(message);
    assertThat(state.wasClosed()).isTrue();
    assertThat(start.wasClosed()).isTrue();
  }

  @Test
  void checkpointsTakeAtMostAHundredthOfTheTime() {
    CheckpointPace pace = new CheckpointPace(Duration.ofSeconds(60), 0);
    assertThat(pace.dueAfterEpoch(0.9)).isFalse();
    assertThat(pace.dueAfterEpoch(1.1)).isTrue();
    pace.saved(1.1, 1.2);

    assertThat(pace.dueAfterEpoch(10)).isFalse();
    assertThat(pace.dueAfterEpoch(20.5)).isTrue();
    assertThat(pace.dueInsideEpoch(20.5)).isFalse();
    assertThat(pace.dueInsideEpoch(61.3)).isTrue();
  }

  private static TrialOutcome train(TrialSpec spec, Checkpoints checkpoints) {
    return train(spec, checkpoints, StopCondition.NEVER);
  }

  private static TrialOutcome train(
      TrialSpec spec, Checkpoints checkpoints, StopCondition stopping) {
    return new Trainer(spec, TOY, 1, epoch -> {}, checkpoints, Duration.ZERO, stopping).train();
  }

  /** Everything of each epoch but the time that it took. */
  private static List<List<Double>> numbers(TrialOutcome outcome) {
    return outcome.epochs().stream()
        .map(
            e ->
                List.of(
                    (double) e.epoch(),
                    (double) e.bpttSteps(),
                    e.biasBound(),
                    e.trainLoss(),
                    e.validLoss(),
                    e.gradientNorm(),
                    e.clippedShare(),
                    e.updateNorm(),
                    (double) e.tokens()))
        .toList();
  }

  /** Checkpoints as files in memory, all of them. */
  private static final class Kept implements Checkpoints {
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private String instructionSet;
    private final List<String> discarded = new ArrayList<>();
    private int saved;

    Kept upTo(String position) {
      Kept some = new Kept();
      some.files.putAll(files.headMap(position, true));
      return some;
    }

    @Override
    public Optional<Checkpoint> newest() {
      if (files.isEmpty()) {
        return Optional.empty();
      }
      byte[] file = files.lastEntry().getValue();
      try {
        Checkpoint read =
            Checkpoint.of(Safetensors.read(new ByteArrayInputStream(file), file.length));
        return Optional.of(instructionSet == null ? read : withInstructionSet(read));
      } catch (IOException damaged) {
        throw new UncheckedIOException(damaged);
      }
    }

    @Override
    public void save(Checkpoint checkpoint) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        Safetensors.write(checkpoint.toFile(), out);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
      files.put(checkpoint.position(), out.toByteArray());
      saved++;
    }

    @Override
    public void discard(String reason) {
      files.clear();
      discarded.add(reason);
    }

    private Checkpoint withInstructionSet(Checkpoint read) {
      Instant started = read.startedAt();
      CoreState core = read.core();
      return new Checkpoint(
          read.trialId(),
          read.engine(),
          instructionSet,
          started,
          read.epochs(),
          read.diagnoses(),
          read.running(),
          read.epochStart(),
          core);
    }
  }
}
