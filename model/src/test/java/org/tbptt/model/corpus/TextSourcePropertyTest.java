package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.tbptt.model.corpus.TextSource.Unit;

@Tag("property")
class TextSourcePropertyTest {

  private static Path folder;

  @BeforeContainer
  static void createFolder() throws IOException {
    folder = Files.createTempDirectory("text-source");
  }

  @AfterContainer
  static void deleteFolder() throws IOException {
    for (String name : List.of("train.txt", "valid.txt", "test.txt")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.delete(folder);
  }

  @Property(tries = 200)
  void aLimitIsKeptAndWhatIsKeptReadsAsItWas(
      @ForAll("lines") List<List<String>> train,
      @ForAll("lines") List<List<String>> valid,
      @ForAll Unit unit,
      @ForAll @IntRange(min = 2, max = 8) int maxVocab)
      throws IOException {
    Corpus corpus = load(train, valid, unit, maxVocab);

    assertThat(corpus.vocabulary().size()).isLessThanOrEqualTo(maxVocab);
    assertReads(corpus.train(), train, unit, corpus.vocabulary());
    assertReads(corpus.valid(), valid, unit, corpus.vocabulary());
  }

  @Property(tries = 200)
  void withoutALimitTrainingTextRoundTrips(
      @ForAll("lines") List<List<String>> train,
      @ForAll("lines") List<List<String>> valid,
      @ForAll Unit unit)
      throws IOException {
    Corpus corpus = load(train, valid, unit, 0);

    assertThat(Streams.words(corpus.train(), corpus.vocabulary())).isEqualTo(tokens(train, unit));
    Set<String> words = new HashSet<>(tokens(train, unit));
    if (!words.containsAll(tokens(valid, unit))) {
      words.add("<unk>");
    }
    assertThat(corpus.vocabulary().words()).containsExactlyInAnyOrderElementsOf(words);
  }

  @Provide
  Arbitrary<List<List<String>>> lines() {
    Arbitrary<String> word =
        Arbitraries.of("a", "b", "cat", "é", "\uFF5E", Character.toString(0x1F600), "dog");
    return word.list().ofMaxSize(5).list().ofMinSize(1).ofMaxSize(5);
  }

  /** Every token is the text's, or is unknown because the vocabulary lacks the text's. */
  private static void assertReads(
      TokenStream stream, List<List<String>> lines, Unit unit, Vocabulary vocabulary) {
    List<String> expected =
        tokens(lines, unit).stream()
            .map(token -> vocabulary.idOf(token).isPresent() ? token : "<unk>")
            .toList();
    assertThat(Streams.words(stream, vocabulary)).isEqualTo(expected);
  }

  private static Corpus load(
      List<List<String>> train, List<List<String>> valid, Unit unit, int maxVocab)
      throws IOException {
    Path trainFile = Files.writeString(folder.resolve("train.txt"), text(train));
    Path validFile = Files.writeString(folder.resolve("valid.txt"), text(valid));
    Path testFile = Files.writeString(folder.resolve("test.txt"), text(train));
    return new TextSource(
            trainFile.toString(), validFile.toString(), testFile.toString(), unit, maxVocab)
        .load(LocalFiles.FILES);
  }

  private static String text(List<List<String>> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(String.join(" ", line)).append('\n'));
    return text.toString();
  }

  private static List<String> tokens(List<List<String>> lines, Unit unit) {
    List<String> tokens = new ArrayList<>();
    for (List<String> line : lines) {
      if (unit == Unit.WORD) {
        tokens.addAll(line);
      } else {
        String.join(" ", line)
            .codePoints()
            .forEach(codePoint -> tokens.add(Character.toString(codePoint)));
      }
      tokens.add("<eos>");
    }
    return tokens;
  }
}
