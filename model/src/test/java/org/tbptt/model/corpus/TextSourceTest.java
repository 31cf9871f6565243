package org.tbptt.model.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.TextSource.Unit;

class TextSourceTest {

  @TempDir Path folder;

  @Test
  void byWordANewlineEndsASentenceWithOrWithoutSpacesAround() throws IOException {
    Corpus corpus = load("one  two\none\ttwo \r\n\n three\n", "one\n", "two\n", Unit.WORD, 0);

    assertThat(corpus.kind()).isEqualTo("text");
    assertThat(Streams.words(corpus.train(), corpus.vocabulary()))
        .containsExactly("one", "two", "<eos>", "one", "two", "<eos>", "<eos>", "three", "<eos>");
    assertThat(corpus.vocabulary().words()).containsExactly("<eos>", "one", "two", "three");
    assertThat(Streams.inputs(corpus.valid())).containsExactly(1, 0);
    assertThat(Streams.inputs(corpus.test())).containsExactly(2, 0);
  }

  @Test
  void wordsAreSplitWherePythonSplits() throws IOException {
    // Python splits at the no-break space, the next-line and the file separator, not at ZWSP.
    Corpus corpus = load("a\u00A0b\u0085c\u001Cd\u200Be\u3000f\n", "a\n", "a\n", Unit.WORD, 0);

    assertThat(Streams.words(corpus.train(), corpus.vocabulary()))
        .containsExactly("a", "b", "c", "d\u200Be", "f", "<eos>");
  }

  @Test
  void byCharacterEveryCodePointIsAToken() throws IOException {
    String clef = Character.toString(0x1D11E);
    Corpus corpus = load("é " + clef + "é\r\n", "é\n", clef + "\n", Unit.CHARACTER, 0);

    assertThat(Streams.words(corpus.train(), corpus.vocabulary()))
        .containsExactly("é", " ", clef, "é", "<eos>");
    assertThat(corpus.vocabulary().words()).containsExactly("é", " ", "<eos>", clef);
    assertThat(Streams.inputs(corpus.valid())).containsExactly(0, 2);
    assertThat(Streams.inputs(corpus.test())).containsExactly(3, 2);
  }

  @Test
  void aLimitKeepsTheMostFrequentWordsAndCountsUnk() throws IOException {
    // a 4, <eos> 3, b 2, c 1, d 1: <unk> stands for b, c and d, as often as a.
    Corpus corpus = load("a a b\na b c\na d\n", "b\n", "a\n", Unit.WORD, 3);

    assertThat(corpus.vocabulary().words()).containsExactly("<unk>", "a", "<eos>");
    assertThat(Streams.inputs(corpus.train())).containsExactly(1, 1, 0, 2, 1, 0, 0, 2, 1, 0, 2);
    assertThat(Streams.inputs(corpus.valid())).containsExactly(0, 2);
  }

  @Test
  void aLimitThatEveryWordMeetsNeedsNoUnk() throws IOException {
    Corpus corpus = load("a a a b\n", "a\n", "b\n", Unit.WORD, 3);

    assertThat(corpus.vocabulary().words()).containsExactly("a", "<eos>", "b");
  }

  @Test
  void aWordThatOnlyValidationHasBecomesUnk() throws IOException {
    Corpus unlimited = load("a a b\n", "a new\n", "b\n", Unit.WORD, 0);

    assertThat(unlimited.vocabulary().words()).containsExactly("a", "<eos>", "b", "<unk>");
    assertThat(Streams.inputs(unlimited.valid())).containsExactly(0, 3, 1);

    Corpus limited = load("a a a b\n", "a\n", "new\n", Unit.WORD, 2);

    assertThat(limited.vocabulary().words()).containsExactly("a", "<unk>");
    assertThat(Streams.inputs(limited.train())).containsExactly(0, 0, 0, 1, 1);
    assertThat(Streams.inputs(limited.test())).containsExactly(1, 1);
  }

  @Test
  void unkOfTheTextItselfIsTheSameToken() throws IOException {
    Corpus corpus = load("a a a a b <unk> b c\n", "<unk>\n", "new\n", Unit.WORD, 3);

    assertThat(corpus.vocabulary().words()).containsExactly("a", "<unk>", "b");
    assertThat(Streams.inputs(corpus.train())).containsExactly(0, 0, 0, 0, 2, 1, 2, 1, 1);
    assertThat(Streams.inputs(corpus.valid())).containsExactly(1, 1);
    assertThat(Streams.inputs(corpus.test())).containsExactly(1, 1);
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() throws IOException {
    Corpus corpus = load("\uFEFFa b\n", "a\n", "b\n", Unit.WORD, 0);

    assertThat(corpus.vocabulary().words()).containsExactly("<eos>", "a", "b");
  }

  @Test
  void aLimitOfOneIsRefused() {
    assertThatThrownBy(() -> source(Unit.WORD, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("max-vocab = 1: must be 0 (no limit) or at least 2");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    write("train.txt", "a");

    assertLoadFails(folder.resolve("valid.txt") + ": there is no such file");
  }

  @Test
  void aFileWithoutATokenIsNamed() throws IOException {
    write("train.txt", "");

    assertLoadFails(folder.resolve("train.txt") + ": is empty, it has no token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a b\n\n c", " \t ", "a\r", "a\r\nb "})
  void aLastLineWithoutNewlineIsALine(String text) throws IOException {
    for (Unit unit : Unit.values()) {
      Corpus without = load(text, text, text, unit, 0);
      Corpus with = load(text + "\n", text + "\n", text + "\n", unit, 0);

      assertThat(without.id()).as("%s", unit).isEqualTo(with.id());
      assertThat(Streams.inputs(without.train())).isEqualTo(Streams.inputs(with.train()));
    }
  }

  @Test
  void aTextThatEndsInANewlineHasNoFurtherLine() throws IOException {
    Corpus corpus = load("a\n", "\n\n", "\uFEFF\n", Unit.WORD, 0);

    assertThat(Streams.words(corpus.train(), corpus.vocabulary())).containsExactly("a", "<eos>");
    assertThat(Streams.words(corpus.valid(), corpus.vocabulary()))
        .containsExactly("<eos>", "<eos>");
    assertThat(Streams.words(corpus.test(), corpus.vocabulary())).containsExactly("<eos>");
  }

  @ParameterizedTest
  @CsvSource({
    "61E962, 'byte 0xE9 at offset 1, in line 1'",
    "FF, 'byte 0xFF at offset 0, in line 1'",
    "C3A90AC3A90A61C0, 'byte 0xC0 at offset 7, in line 3'",
    "EFBBBF0AED A0 80, 'byte 0xED at offset 4, in line 2'", // half a surrogate pair
    "610AE282, 'byte 0xE2 at offset 2, in line 2'" // ends inside a character
  })
  void aByteThatIsNotUtf8IsNamed(String bytes, String where) throws IOException {
    Path file = folder.resolve("train.txt");
    Files.write(file, HexFormat.of().parseHex(bytes.replace(" ", "")));

    assertLoadFails(file + ": is not valid UTF-8: " + where);
  }

  @Test
  void aByteThatIsNotUtf8IsFoundFarFromTheStart() throws IOException {
    Path file = folder.resolve("train.txt");
    Files.write(file, "é\n".repeat(100_000).getBytes(UTF_8));
    Files.write(file, new byte[] {'x', (byte) 0x80}, APPEND);

    assertLoadFails(file + ": is not valid UTF-8: byte 0x80 at offset 300001, in line 100001");
  }

  @Test
  void aTextOfAnyLengthIsReadWhole() throws IOException {
    String text = "aé\uFF5E" + Character.toString(0x1F600);
    Corpus corpus = load(text.repeat(30_000), text, text, Unit.CHARACTER, 0);

    assertThat(corpus.vocabulary().words())
        .containsExactly("a", "é", "\uFF5E", Character.toString(0x1F600), "<eos>");
    assertThat(Streams.inputs(corpus.train()))
        .isEqualTo(IntStream.range(0, 120_001).map(i -> i < 120_000 ? i % 4 : 4).toArray());
  }

  @Test
  void carriageReturnsAreCharactersButBeforeANewline() throws IOException {
    Corpus corpus = load("a\r\r\nb\r\n", "a\n", "b\n", Unit.CHARACTER, 0);

    assertThat(Streams.words(corpus.train(), corpus.vocabulary()))
        .containsExactly("a", "\r", "<eos>", "b", "<eos>");
  }

  @Test
  void aPromptIsCutAsAFileIs() {
    List<String> words = List.of("a", "b", "\r", "<eos>", " ");

    assertThat(TextSource.encode("a b\r\n a", Unit.WORD, words::indexOf))
        .containsExactly(0, 1, 3, 0);
    assertThat(TextSource.encode("a b\r\n\r", Unit.CHARACTER, words::indexOf))
        .containsExactly(0, 4, 1, 3, 2);
  }

  @Test
  void aFileThatMayNotBeReadIsNamed() throws IOException {
    write("train.txt", "a");
    Path file = folder.resolve("train.txt");
    assumeTrue(
        file.toFile().setReadable(false) && !Files.isReadable(file),
        "needs a user who may not read every file");

    assertLoadFails(file + ": cannot be read (permission denied)");
  }

  private void assertLoadFails(String message) {
    assertThatThrownBy(() -> source(Unit.WORD, 0).load(LocalFiles.FILES))
        .isInstanceOf(CorpusException.class)
        .hasMessage(message);
  }

  private Corpus load(String train, String valid, String test, Unit unit, int maxVocab)
      throws IOException {
    write("train.txt", train);
    write("valid.txt", valid);
    write("test.txt", test);
    return source(unit, maxVocab).load(LocalFiles.FILES);
  }

  private TextSource source(Unit unit, int maxVocab) {
    return new TextSource(
        folder + "/train.txt", folder + "/valid.txt", folder + "/test.txt", unit, maxVocab);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
