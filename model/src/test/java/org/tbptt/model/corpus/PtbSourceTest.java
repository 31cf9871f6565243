package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PtbSourceTest {

  private static final String WHERE_TO_GET_IT =
      "; ptb.train.txt, ptb.valid.txt and ptb.test.txt come in simple-examples.tgz, folder"
          + " simple-examples/data, on Mikolov's rnnlm page"
          + " https://www.fit.vutbr.cz/~imikolov/rnnlm/";

  @TempDir Path folder;

  @Test
  void idsAndWindowsOfAHandMadeText() throws IOException {
    write("train", " a dog saw a cat \n the cat saw a dog \n a cat \n");
    write("valid", " the dog \n");
    write("test", " cat \n");

    Corpus corpus = load(folder);

    // a 4, <eos> 3, cat 3, dog 2, saw 2, the 1
    assertThat(corpus.vocabulary().words())
        .containsExactly("a", "<eos>", "cat", "dog", "saw", "the");
    assertThat(Streams.inputs(corpus.train()))
        .containsExactly(0, 3, 4, 0, 2, 1, 5, 2, 4, 0, 3, 1, 0, 2, 1);
    assertThat(Streams.inputs(corpus.valid())).containsExactly(5, 3, 1);
    assertThat(Streams.inputs(corpus.test())).containsExactly(2, 1);

    // Columns 0 3 4 0 2 1 5 and 2 4 0 3 1 0 2; the last token belongs to none.
    WindowStream stream = new WindowStream(corpus.train(), 2, 3);
    assertThat(stream.windows()).isEqualTo(2);
    assertThat(stream.tokens()).isEqualTo(12);
    assertThat(stream.window(0).inputs()).containsExactly(0, 2, 3, 4, 4, 0);
    assertThat(stream.window(0).targets()).containsExactly(3, 4, 4, 0, 0, 3);
    assertThat(stream.window(1).inputs()).containsExactly(0, 3, 2, 1, 1, 0);
    assertThat(stream.window(1).targets()).containsExactly(2, 1, 1, 0, 5, 2);
  }

  @Test
  void aMissingFolderSaysWhereTheDataIs() {
    Path missing = folder.resolve("nowhere");

    assertThatThrownBy(() -> load(missing))
        .isInstanceOf(CorpusException.class)
        .hasMessage(missing.resolve("ptb.train.txt") + ": there is no such file" + WHERE_TO_GET_IT);
  }

  @Test
  void aMissingFileSaysWhereTheDataIs() throws IOException {
    write("train", " a \n");

    assertThatThrownBy(() -> load(folder))
        .isInstanceOf(CorpusException.class)
        .hasMessage(folder.resolve("ptb.valid.txt") + ": there is no such file" + WHERE_TO_GET_IT);
  }

  @Test
  void aWordThatTrainingLacksIsNotPennTreebank() throws IOException {
    write("train", " a <unk> \n");
    write("valid", " a \n");
    write("test", " a b \n");

    assertThatThrownBy(() -> load(folder))
        .isInstanceOf(CorpusException.class)
        .hasMessage(
            folder.resolve("ptb.test.txt")
                + ": the word 'b' is not in ptb.train.txt, so this is not Penn Treebank"
                + WHERE_TO_GET_IT);
  }

  private static Corpus load(Path folder) {
    return new PtbSource(folder.toString()).load(LocalFiles.FILES);
  }

  private void write(String split, String text) throws IOException {
    Files.writeString(folder.resolve("ptb." + split + ".txt"), text);
  }
}
