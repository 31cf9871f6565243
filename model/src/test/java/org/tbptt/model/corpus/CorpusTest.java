package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {

  private static final Vocabulary WORDS = new Vocabulary(List.of("a", "b", "c"));

  @Test
  void idIsTheKindAndSixteenHexadecimalDigits() {
    assertThat(corpus("text", WORDS, 0, 1, 2).id()).matches("text-[0-9a-f]{16}");
  }

  /** Trials already in somebody's tables are found by it. The digits were computed in Python. */
  @Test
  void idStaysWhatItIs() {
    assertThat(corpus("text", WORDS, 0, 1, 2).id()).isEqualTo("text-1f99fbe743ef817a");
  }

  @Test
  void theSameDataFromAnotherFolderHasTheSameId(@TempDir Path one, @TempDir Path other)
      throws IOException {
    for (Path folder : List.of(one, other)) {
      for (String split : List.of("train", "valid", "test")) {
        Files.writeString(folder.resolve("ptb." + split + ".txt"), " a b \n b a \n");
      }
    }

    assertThat(load(other).id()).isEqualTo(load(one).id());
  }

  private static Corpus load(Path folder) {
    return new PtbSource(folder.toString()).load(LocalFiles.FILES);
  }

  @Test
  void whateverChangesNumbersChangesTheId() {
    Vocabulary otherOrder = new Vocabulary(List.of("b", "a", "c"));
    Vocabulary otherBorder = new Vocabulary(List.of("ab", "", "c"));
    int[] tokens = {0, 1, 2};
    TokenStream stream = TokenStream.ofText(tokens);
    TokenStream parallel = new TokenStream(tokens, tokens, 0);
    TokenStream otherTargets = new TokenStream(tokens, new int[] {0, 1, 1}, 1);
    List<Corpus> corpora =
        List.of(
            corpus("text", WORDS, 0, 1, 2),
            corpus("text", WORDS, 0, 1, 1),
            corpus("text", WORDS, 0, 1),
            corpus("ptb", WORDS, 0, 1, 2),
            corpus("text", otherOrder, 0, 1, 2),
            corpus("text", otherBorder, 0, 1, 2),
            new Corpus("text", WORDS, parallel, stream, stream),
            new Corpus("text", WORDS, stream, parallel, stream),
            new Corpus("text", WORDS, stream, stream, parallel),
            new Corpus("text", WORDS, stream, otherTargets, stream));

    assertThat(corpora).extracting(Corpus::id).doesNotHaveDuplicates();
  }

  @Test
  void travelsBySerialisationWithItsSharedArrayShared() throws Exception {
    int[] tokens = new int[10_000];
    Corpus corpus = corpus("text", WORDS, tokens);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(corpus);
    }
    Corpus copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (Corpus) in.readObject();
    }

    assertThat(bytes.size()).isBetween(40_000, 42_000); // four bytes per token, once
    assertThat(copy.id()).isEqualTo(corpus.id());
    assertThat(copy.vocabulary().words()).isEqualTo(WORDS.words());
    assertThat(copy.vocabulary().idOf("c")).hasValue(2);
    assertThat(copy.train().inputs()).isEqualTo(tokens).isSameAs(copy.train().targets());
    assertThat(copy.train().shift()).isEqualTo(1);
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() {
    TokenStream good = TokenStream.ofText(new int[] {0, 1, 2});

    assertThatThrownBy(() -> corpus("text", WORDS, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("train token 1 is 3: must be in 0 to 2, the vocabulary's ids");
    TokenStream badTarget = new TokenStream(new int[] {0}, new int[] {-1}, 0);
    assertThatThrownBy(() -> new Corpus("toy", WORDS, good, badTarget, good))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("valid token 0 is -1: must be in 0 to 2, the vocabulary's ids");
  }

  @Test
  void aStreamOfUnequalLengthsOrANegativeShiftIsRefused() {
    assertThatThrownBy(() -> new TokenStream(new int[3], new int[2], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 inputs but 2 targets: must be as many");
    assertThatThrownBy(() -> new TokenStream(new int[3], new int[3], -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shift = -1: must be 0 or more");
  }

  private static Corpus corpus(String kind, Vocabulary vocabulary, int... tokens) {
    TokenStream stream = TokenStream.ofText(tokens);
    return new Corpus(kind, vocabulary, stream, stream, stream);
  }
}
