package org.tbptt.model.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.CoreConfigs;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Vocabulary;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.tensors.Safetensors;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.tensors.TensorFormatException;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.Schedule;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class StoredModelTest {

  private static final Vocabulary WORDS = new Vocabulary(List.of("the", "cat", "sat", "<eos>"));

  static List<Truncation> truncations() {
    return List.of(
        new TensorFlowStyle(5),
        new TrueStyle(3, 6, true),
        new FullStyle(7),
        new IntervalStyle(2, 4, 6, true),
        new RandomStyle(0.9, 8),
        new SentenceStyle(4),
        new AdaptiveStyle(0.1, 3, 9));
  }

  @ParameterizedTest
  @MethodSource("truncations")
  void whatIsKeptComesBackBitForBit(Truncation truncation) throws IOException {
    ModelCard card = card(truncation);
    try (StoredModel model = model(card);
        StoredModel read = read(bytes(model))) {
      assertThat(read.card()).isEqualTo(card);
      assertSameBits(read.weights(), model.weights());
    }
  }

  @Test
  void theHeaderTellsTheSettingsByTheNamesOfConfFiles() throws IOException {
    Map<String, String> header = header(bytes(model(card(new TrueStyle(3, 6)))));

    assertThat(header)
        .containsEntry("format", "tbptt-model-1")
        .containsEntry("sweep", "a sweep")
        .containsEntry("trial-id", "0123456789abcdef")
        .containsEntry("corpus-id", "text-1")
        .containsEntry("vocabulary-size", "4")
        .containsEntry("vocabulary-id", WORDS.fingerprint())
        .containsEntry("spec.truncation", "TrueStyle")
        .containsEntry("spec.truncation.bptt-steps", "3")
        .containsEntry("spec.truncation.seq-len", "6")
        .containsEntry("spec.model.cell", "RELU")
        .containsEntry("spec.training.learning-rate", "0.003")
        .containsEntry("spec.seed", "-7")
        .containsEntry("epoch.epoch", "4")
        .containsEntry("epoch.valid-loss", "1.25");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          format                   | other    | the file's format is other, must be tbptt-model-1
          format                   |          | the file's format is null, must be tbptt-model-1
          spec.seed                |          | the file has no spec.seed
          spec.seed                | 1.5      | the file's spec.seed is '1.5', which this version does not know
          spec.model.cell          | QRNN     | the file's spec.model.cell is 'QRNN', which this version does not know
          spec.truncation          | Runtime  | the file's spec.truncation is 'Runtime', which this version does not know
          spec.truncation.bptt-steps | 9      | bptt-steps = 9: must be at most seq-len = 6; an error cannot go back past the start of its window without history
          spec.model.state-size    | 5        | recurrent is (5, 3), must be (7, 5)
          vocabulary-size          | 5        | embedding is (4, 2), must be (5, 2)
          vocabulary-size          | -1       | vocabulary-size = -1: must be at least 1
          """)
  void aHeaderThatCannotBeIsOneLine(String name, String value, String message) throws IOException {
    byte[] bytes = with(bytes(model(card(new TrueStyle(3, 6)))), name, value);

    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(TensorFormatException.class)
        .hasMessage(message);
  }

  @Test
  void aFileOfTheFirstVersionIsRead() throws IOException {
    byte[] bytes;
    try (InputStream file = getClass().getResourceAsStream("/models/tbptt-model-1.safetensors")) {
      bytes = file.readAllBytes();
    }

    try (StoredModel model = read(bytes)) {
      ModelCard card = model.card();
      assertThat(card.sweep()).isEqualTo("a sweep");
      assertThat(card.vocabularyId()).isEqualTo(WORDS.fingerprint());
      assertThat(card.spec().truncation()).isEqualTo(new TrueStyle(3, 6, true));
      assertThat(card.spec().model())
          .isEqualTo(new RnnModel(Cell.RELU, 3, 2, 0.8, Initialiser.GLOROT, Carry.STATE));
      assertThat(card.spec().training().optimizer()).isEqualTo(Optimizer.MOMENTUM);
      assertThat(card.spec().training().schedule())
          .isEqualTo(new Schedule(Schedule.Kind.STEP, 0.5, 3, 0));
      assertThat(card.spec().diagnostics()).isEqualTo(new Diagnostics(2, 10, 20));
      assertThat(card.epoch().validLoss()).isEqualTo(1.25);
      assertThat(model.weights())
          .isEqualTo(CoreConfigs.parameters(card.shape(), Initialiser.GLOROT, 1, DataType.FLOAT));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spec.truncation.history, false",
    "spec.training.update-every, 0",
    "spec.training.momentum, 0.9",
    "spec.training.rms-decay, 0.9",
    "spec.training.schedule.kind, CONSTANT",
    "spec.training.schedule.factor, 1.0",
    "spec.training.schedule.epochs, 1",
    "spec.training.clip-norm, 0.0",
    "spec.training.engine, AUTO",
    "spec.training.precision, FP32",
    "spec.diagnostics.windows, 0",
    "spec.diagnostics.max-lag, 50",
    "spec.diagnostics.horizon, 0",
    "epoch.bias-bound, NaN"
  })
  void aSettingThatAFileDoesNotHaveIsWhatItWasBeforeThereWasOne(String name, String value)
      throws IOException {
    ModelCard card = card(new TrueStyle(3, 6, true));
    byte[] older = with(bytes(model(card)), name, null);
    if (name.equals("spec.diagnostics.max-lag")) {
      older = with(older, "spec.diagnostics.horizon", "0"); // which must be more
    }

    try (StoredModel model = read(older)) {
      assertThat(header(bytes(model))).containsEntry(name, value);
    }
  }

  @Test
  void aSettingOfALaterVersionIsNamed() throws IOException {
    TensorFile file = file(bytes(model(card(new TrueStyle(3, 6)))));
    Map<String, String> header = new LinkedHashMap<>(file.metadata());
    header.put("spec.model.zoneout", "2");
    byte[] later = bytes(new TensorFile(header, file.matrices()));

    assertThatThrownBy(() -> read(later))
        .isInstanceOf(TensorFormatException.class)
        .hasMessage("the file's spec.model.zoneout is '2', which this version does not know");
  }

  @Test
  void matricesThatNoModelHasAreRefused() throws IOException {
    byte[] model = bytes(model(card(new TrueStyle(3, 6))));
    TensorFile file = file(model);
    Map<String, INDArray> matrices = new LinkedHashMap<>(file.matrices());
    matrices.put("U", Nd4j.ones(DataType.FLOAT, 2, 2));
    byte[] more = bytes(new TensorFile(file.metadata(), matrices));
    assertThatThrownBy(() -> read(more))
        .hasMessage("the file has the matrix U, which no model has");

    matrices.keySet().removeAll(List.of("U", "softmax"));
    byte[] fewer = bytes(new TensorFile(file.metadata(), matrices));
    assertThatThrownBy(() -> read(fewer)).hasMessage("softmax is missing, must be (3, 4)");
  }

  @Property(tries = 200)
  void anyHeaderIsReadOrRefused(@ForAll int which, @ForAll String text) throws IOException {
    byte[] model = bytes(model(card(new TrueStyle(3, 6))));
    List<String> names = List.copyOf(header(model).keySet());
    String name = names.get(Math.floorMod(which, names.size()));
    // Half a surrogate pair has no UTF-8.
    String value = text.codePoints().anyMatch(c -> c >= 0xD800 && c < 0xE000) ? "?" : text;
    byte[] changed = with(model, name, value);

    try (StoredModel read = read(changed)) {
      assertThat(header(bytes(read)).keySet()).containsExactlyElementsOf(names);
    } catch (TensorFormatException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  @Test
  void anotherVocabularyIsRefusedWithBoth() {
    ModelCard card = card(new TrueStyle(3, 6));
    card.require(WORDS);

    Vocabulary reordered = new Vocabulary(List.of("cat", "the", "sat", "<eos>"));
    assertThatThrownBy(() -> card.require(reordered))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "trial 0123456789abcdef was trained on a vocabulary of 4 words (%s), but the corpus has 4 words (%s)",
            WORDS.fingerprint(), reordered.fingerprint());
  }

  private static ModelCard card(Truncation truncation) {
    RnnModel network = new RnnModel(Cell.RELU, 3, 2, 0.8, Initialiser.GLOROT, Carry.POST_DROPOUT);
    Training training =
        new Training(
            9,
            2,
            0,
            Optimizer.ADAM,
            0.9,
            0.9,
            0.003,
            Schedule.CONSTANT,
            Normalisation.MEAN,
            0,
            EngineChoice.AUTO,
            Precision.FP32);
    return new ModelCard(
        "a sweep",
        "0123456789abcdef",
        "text-1",
        WORDS.size(),
        WORDS.fingerprint(),
        new TrialSpec(truncation, network, training, new Diagnostics(2, 10, 20), -7),
        "nd4j",
        new EpochMetrics(4, 3, Double.NaN, 1.5, 1.25, 0.1, 0, 0.01, 12345, 2.5));
  }

  private static StoredModel model(ModelCard card) {
    Map<Parameter, INDArray> weights =
        CoreConfigs.parameters(card.shape(), Initialiser.GLOROT, 1, DataType.FLOAT);
    return new StoredModel(card, weights);
  }

  private static byte[] bytes(StoredModel model) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    model.write(out);
    return out.toByteArray();
  }

  private static byte[] bytes(TensorFile file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(file, out);
    return out.toByteArray();
  }

  private static StoredModel read(byte[] bytes) throws IOException {
    return StoredModel.read(new ByteArrayInputStream(bytes), bytes.length);
  }

  private static TensorFile file(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), bytes.length);
  }

  private static Map<String, String> header(byte[] bytes) throws IOException {
    return file(bytes).metadata();
  }

  /** The file with one text of its header replaced, or taken away. */
  private static byte[] with(byte[] bytes, String name, String value) throws IOException {
    TensorFile file = file(bytes);
    Map<String, String> header = new LinkedHashMap<>(file.metadata());
    assertThat(header).containsKey(name);
    if (value == null) {
      header.remove(name);
    } else {
      header.put(name, value);
    }
    return bytes(new TensorFile(header, file.matrices()));
  }
}
