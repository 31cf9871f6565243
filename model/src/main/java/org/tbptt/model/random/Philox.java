package org.tbptt.model.random;

/**
 * Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011). A number depends only on the seed and its position, so
 * masks and initial values do not depend on threads, order, engine or retries.
 *
 * <p>The seed is the key; the counter is (position / 4, window, epoch, purpose + 65536 (layer -
 * 1)), and word position % 4 of that block is the number for {@code position}.
 */
public final class Philox {

  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /** The 32-bit words for positions 0 to count-1 of what belongs to no layer or to the first. */
  public static int[] words(long seed, Purpose purpose, int epoch, int window, int count) {
    return words(seed, purpose, 1, epoch, window, count);
  }

  /**
   * The 32-bit words for positions 0 to count-1.
   *
   * @param layer from 1
   * @param count how many, at least 0
   * @return count uniformly distributed 32-bit words
   */
  public static int[] words(
      long seed, Purpose purpose, int layer, int epoch, int window, int count) {
    int[] words = new int[count];
    int[] block = new int[4];
    for (int position = 0; position < count; position += 4) {
      block(seed, position / 4, window, epoch, purpose.code(layer), block);
      System.arraycopy(block, 0, words, position, Math.min(4, count - position));
    }
    return words;
  }

  /** One block: four words into {@code out} for the counter (c0, c1, c2, c3) under key. */
  static void block(long key, int c0, int c1, int c2, int c3, int[] out) {
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int next0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      int next2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      c0 = next0;
      c2 = next2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
