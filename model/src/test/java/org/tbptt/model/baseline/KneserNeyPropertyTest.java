package org.tbptt.model.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("property")
class KneserNeyPropertyTest {

  @Property
  void probabilitiesOfAnyContextSumToOne(
      @ForAll @IntRange(min = 1, max = 12) int vocabulary,
      @ForAll @IntRange(min = 1, max = 400) int length,
      @ForAll @IntRange(min = 1, max = 5) int order,
      @ForAll int seed) {
    Random random = new Random(seed);
    int[] tokens = zipf(random, length, vocabulary);
    KneserNey model = new KneserNey(NgramTrie.of(tokens, 5, vocabulary), order);
    int[] text = zipf(random, 20, vocabulary);
    for (int at = 0; at < text.length; at++) {
      double sum = 0;
      for (int word = 0; word < vocabulary; word++) {
        text[at] = word;
        double probability = model.probability(text, at);
        assertThat(probability).isPositive();
        sum += probability;
      }
      assertThat(sum).isCloseTo(1, within(1e-9));
    }
  }

  @Property
  void countsAreThoseOfAPlainCount(
      @ForAll @IntRange(min = 1, max = 300) int length, @ForAll int seed) {
    int[] tokens = zipf(new Random(seed), length, 4);
    NgramTrie trie = NgramTrie.of(tokens, 3, 4);
    int[] gram = {tokens[length / 2], 1};
    int occurrences = 0;
    boolean[] before = new boolean[4];
    for (int i = 0; i + 1 < length; i++) {
      if (tokens[i] == gram[0] && tokens[i + 1] == gram[1]) {
        occurrences++;
        if (i > 0) {
          before[tokens[i - 1]] = true;
        }
      }
    }
    int contexts = 0;
    for (boolean seen : before) {
      contexts += seen ? 1 : 0;
    }
    int node = trie.find(gram, 0, 2);
    assertThat(node == NgramTrie.NONE ? 0 : trie.occurrences(node)).isEqualTo(occurrences);
    assertThat(node == NgramTrie.NONE ? 0 : trie.leftContexts(node)).isEqualTo(contexts);
  }

  private static int[] zipf(Random random, int length, int vocabulary) {
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      tokens[i] =
          Math.min((int) Math.pow(vocabulary + 1.0, random.nextDouble()) - 1, vocabulary - 1);
    }
    return tokens;
  }
}
