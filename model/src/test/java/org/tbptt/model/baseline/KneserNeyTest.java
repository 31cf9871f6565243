package org.tbptt.model.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class KneserNeyTest {

  // a b a b a c, as 0 1 0 1 0 2
  private static final int[] TOKENS = {0, 1, 0, 1, 0, 2};

  @Test
  void everyNGramIsANodeWithItsCounts() {
    NgramTrie trie = NgramTrie.of(TOKENS, 3, 3);

    // Root; a b c; ab ba ac; aba bab bac.
    assertThat(trie.nodes()).isEqualTo(1 + 3 + 3 + 3);
    int ab = trie.find(new int[] {0, 1}, 0, 2);
    assertThat(trie.depth(ab)).isEqualTo(2);
    assertThat(trie.occurrences(ab)).isEqualTo(2);
    assertThat(trie.leftContexts(ab)).isEqualTo(1); // b
    assertThat(trie.leftContexts(trie.child(NgramTrie.ROOT, 0))).isEqualTo(1); // b
    assertThat(trie.child(ab, 2)).isEqualTo(NgramTrie.NONE);
    assertThat(trie.find(new int[] {2, 0}, 0, 2)).isEqualTo(NgramTrie.NONE);
  }

  @Test
  void discountsAreThoseOfChenAndGoodman() {
    // Y = 60 / (60 + 2 * 20) = 0.6; 1 - 2 Y 20/60, 2 - 3 Y 10/20, 3 - 4 Y 5/10.
    assertThat(KneserNey.discounts(new int[] {60, 20, 10, 5, 0}))
        .containsExactly(new double[] {0.6, 1.1, 1.8}, within(1e-12));
  }

  @Test
  void discountsOfFewCountsAreStillThere() {
    assertThat(KneserNey.discounts(new int[] {0, 0, 0, 0, 0})).containsExactly(0.5, 0.5, 0.5);
    // Y = 4 / 8 for the counts whose own formula lacks a number.
    assertThat(KneserNey.discounts(new int[] {4, 2, 0, 0, 0}))
        .containsExactly(new double[] {0.5, 0.5, 0.5}, within(1e-12));
  }

  @Test
  void whatWasNeverSeenHasAProbabilityWhereTheFormulaOfADiscountIsNegative() {
    // x 3, y 4, z 4, w 5 times, v never: D3 = 3 - 4 * 0.5 * 2 / 1.
    assertThat(KneserNey.discounts(new int[] {0, 0, 1, 2, 1})).containsExactly(0.5, 0.5, 0.5);
    int[] tokens = {3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3};
    KneserNey unigram = new KneserNey(NgramTrie.of(tokens, 1, 5), 1);

    assertThat(unigram.probability(new int[] {4}, 0)).isCloseTo(4 * 0.5 / 16 / 5, within(1e-12));
  }

  @Test
  void aBigramsProbabilityIsTheFormulas() {
    KneserNey bigram = new KneserNey(NgramTrie.of(TOKENS, 2, 3), 2);

    // Unigrams by left contexts: a 1, b 1, c 1 of 3, D = 0.5: (1 - 0.5 + 0.5 * 3 / 3) / 3 = 1/3.
    // Bigrams after a: b twice, c once of 3. One bigram occurs once, two twice: Y = 1/5,
    // D1 = 1 - 2/5 * 2 = 0.2; D2 = Y, for none occurs three times.
    double gamma = (0.2 * 1 + 0.2 * 1) / 3;
    assertThat(bigram.probability(new int[] {0, 1}, 1))
        .isCloseTo((2 - 0.2) / 3 + gamma / 3, within(1e-12));
    assertThat(bigram.probability(new int[] {0, 2}, 1))
        .isCloseTo((1 - 0.2) / 3 + gamma / 3, within(1e-12));
    assertThat(bigram.probability(new int[] {0, 0}, 1)).isCloseTo(gamma / 3, within(1e-12));
    // c ends the stream: nothing is known of what follows it.
    assertThat(bigram.probability(new int[] {2, 0}, 1)).isCloseTo(1.0 / 3, within(1e-12));
  }

  /** The middle order counts left contexts, not occurrences, which would give 0.572. */
  @Test
  void aTrigramsProbabilityIsTheFormulas() {
    KneserNey trigram = new KneserNey(NgramTrie.of(TOKENS, 3, 3), 3);

    assertThat(trigram.probability(new int[] {1, 0, 1}, 2)).isCloseTo(11.0 / 24, within(1e-12));
  }

  @Test
  void theLossIsTheMeanOverAllTokensButTheFirst() {
    KneserNey bigram = new KneserNey(NgramTrie.of(TOKENS, 2, 3), 2);
    int[] text = {1, 0, 2};
    assertThat(bigram.loss(text))
        .isCloseTo(
            -(Math.log(bigram.probability(text, 1)) + Math.log(bigram.probability(text, 2))) / 2,
            within(1e-12));
  }
}
