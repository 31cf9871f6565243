package org.tbptt.model.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {

  // The three vectors are philox4x32-10 in Random123's kat_vectors.

  @Test
  void knownAnswerForZeros() {
    assertThat(block(0L, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void knownAnswerForOnes() {
    assertThat(block(-1L, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void knownAnswerForDigitsOfPi() {
    assertThat(block(0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void wordsAreTheBlocksOfTheirPlace() {
    long seed = 0x0123456789abcdefL;
    int[] expected = Arrays.copyOf(block(seed, 0, 7, 3, 2), 6);
    System.arraycopy(block(seed, 1, 7, 3, 2), 0, expected, 4, 2);

    assertThat(Philox.words(seed, Purpose.OUTPUT_MASK, 3, 7, 6)).containsExactly(expected);
  }

  @Test
  void everyPartOfThePlaceChangesTheWords() {
    Set<Integer> first = new HashSet<>();
    for (Purpose purpose : Purpose.values()) {
      first.add(Philox.words(1, purpose, 0, 0, 1)[0]);
    }
    first.add(Philox.words(2, Purpose.INPUT_MASK, 0, 0, 1)[0]);
    first.add(Philox.words(1L << 32, Purpose.INPUT_MASK, 0, 0, 1)[0]);
    first.add(Philox.words(1, Purpose.INPUT_MASK, 1, 0, 1)[0]);
    first.add(Philox.words(1, Purpose.INPUT_MASK, 0, 1, 1)[0]);

    assertThat(first).hasSize(Purpose.values().length + 4);
  }

  private static int[] block(long key, int c0, int c1, int c2, int c3) {
    int[] out = new int[4];
    Philox.block(key, c0, c1, c2, c3, out);
    return out;
  }
}
