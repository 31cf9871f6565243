package org.tbptt.model.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The expected numbers come from TensorFlow's reader, run in Python. */
class PennTreebankTest {

  @Test
  void hasItsPublishedSizes() {
    Corpus corpus = pennTreebank();

    assertThat(corpus.vocabulary().size()).isEqualTo(10_000);
    assertThat(corpus.train().tokens()).isEqualTo(929_589);
    assertThat(corpus.valid().tokens()).isEqualTo(73_760);
    assertThat(corpus.test().tokens()).isEqualTo(82_430);
    assertThat(new WindowStream(corpus.train(), 32, 20).windows())
        .isEqualTo((929_589 / 32 - 1) / 20)
        .isEqualTo(1452);
  }

  @Test
  void hasTheIdsOfTensorFlowsReader() {
    Corpus corpus = pennTreebank();

    assertThat(corpus.vocabulary().words())
        .startsWith("the", "<unk>", "<eos>", "N", "of", "to", "a", "in")
        .endsWith("swapo", "wachter");
    assertThat(Streams.inputs(corpus.train()))
        .startsWith(9970, 9971, 9972, 9974, 9975, 9976, 9980)
        .endsWith(214, 5, 23, 1, 2);
    assertThat(Streams.inputs(corpus.valid())).startsWith(1132, 93, 358, 5, 329, 51, 9836);
    assertThat(Streams.inputs(corpus.test())).startsWith(102, 14, 24, 32, 752, 381, 2);
    assertThat(placeTimesId(corpus.train())).isEqualTo(351_526_130_111_765L);
    assertThat(placeTimesId(corpus.valid())).isEqualTo(2_317_298_654_843L);
    assertThat(placeTimesId(corpus.test())).isEqualTo(2_638_912_025_278L);
  }

  @Test
  void hasItsSentences() {
    Corpus corpus = pennTreebank();
    SentenceWindows sentences = new SentenceWindows(corpus, corpus.train(), 32, 1);

    assertThat(sentences.windows()).isEqualTo((42_068 + 31) / 32);
    assertThat(sentences.tokens()).isEqualTo(929_589);
    assertThat(sentences.longestWindow()).isEqualTo(83);
  }

  @Test
  void asATextItsVocabularyCanBeCut() {
    Corpus corpus = pennTreebank();
    Path folder = folder();
    Corpus cut =
        new TextSource(
                folder + "/ptb.train.txt",
                folder + "/ptb.valid.txt",
                folder + "/ptb.test.txt",
                TextSource.Unit.WORD,
                8000)
            .load(LocalFiles.FILES);

    // The 7,999 most frequent words of the 10,000 keep their order.
    assertThat(cut.vocabulary().size()).isEqualTo(8000);
    assertThat(cut.train().tokens()).isEqualTo(929_589);
    assertThat(cut.vocabulary().words().stream().filter(word -> !word.equals("<unk>")))
        .containsExactlyElementsOf(
            corpus.vocabulary().words().stream()
                .filter(word -> !word.equals("<unk>"))
                .limit(7999)
                .toList());
  }

  private static Corpus pennTreebank() {
    return new PtbSource(folder().toString()).load(LocalFiles.FILES);
  }

  private static Path folder() {
    String path = System.getProperty("ptb.dir", "");
    assumeTrue(!path.isBlank(), "needs Penn Treebank: give its folder with -Dptb.dir=");
    return Path.of(path);
  }

  /** The sum over all tokens of place (from 1) times id: any id elsewhere changes it. */
  private long placeTimesId(TokenStream stream) {
    return IntStream.range(0, stream.tokens())
        .mapToLong(step -> (step + 1L) * stream.input(step))
        .sum();
  }
}
