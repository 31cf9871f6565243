package org.tbptt.model.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.corpus.TokenStream;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.corpus.Vocabulary;

class BaselinesTest {

  /**
   * Mikolov et al. 2011, "Empirical evaluation and combination of advanced language modeling
   * techniques", table 1: KN5 has a perplexity of 141.2. It begins anew with each sentence.
   */
  @Test
  void theFiveGramOfPennTreebankHasThePublishedPerplexity() {
    String path = System.getProperty("ptb.dir", "");
    assumeTrue(!path.isBlank(), "needs Penn Treebank: give its folder with -Dptb.dir=");

    List<Baseline> baselines =
        Baselines.of(new PtbSource(path).load(name -> Files.newInputStream(Path.of(name))));

    assertThat(baselines)
        .extracting(Baseline::model)
        .containsExactly("uniform", "unigram", "bigram", "5-gram");
    assertThat(Math.exp(baselines.get(3).testLoss())).isCloseTo(141.2, within(1.0));
    assertThat(baselines.get(0).validLoss()).isCloseTo(Math.log(10_000), within(1e-12));
    assertThat(baselines)
        .isSortedAccordingTo((a, b) -> Double.compare(b.validLoss(), a.validLoss()));
  }

  @Test
  void aUnigramIsTheFrequenciesAndAWordThatWasNeverSeenHasAProbability() {
    // a a a a b b; c occurs in the vocabulary only.
    TokenStream train = TokenStream.ofText(new int[] {0, 0, 0, 0, 1, 1});
    TokenStream text = TokenStream.ofText(new int[] {0, 0, 2});
    Corpus corpus = new Corpus("text", new Vocabulary(List.of("a", "b", "c")), train, text, text);

    Baseline unigram = Baselines.of(corpus).get(1);

    // Discounts 0.5 each: (4 - 0.5 + 1 / 3) / 6 for a, (1 / 3) / 6 for c.
    assertThat(unigram.validLoss())
        .isCloseTo(-(Math.log(3.5 / 6 + 1.0 / 18) + Math.log(1.0 / 18)) / 2, within(1e-12));
  }

  @Test
  void aCorpusWhoseTargetsAreNotItsInputsHasNone() {
    Corpus toy = new ToySource(List.of(1, 2), 100, 100, 100, 1).load();
    assertThat(Baselines.apply(toy)).isFalse();
    assertThatThrownBy(() -> Baselines.of(toy)).hasMessageContaining("is not one of text");
  }
}
