package org.tbptt.model.baseline;

/**
 * An n-gram model with interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, "An
 * Empirical Study of Smoothing Techniques for Language Modeling", section 3):
 *
 * <pre>
 * P_k(w | u v) = max(c(u v w) - D_k(c(u v w)), 0) / c(u v .) + gamma(u v) P_{k-1}(w | v)
 * gamma(u v)   = (D_k(1) N1 + D_k(2) N2 + D_k(3) N3+) / c(u v .)
 * P_0(w)       = 1 / V
 * </pre>
 *
 * with c how often the n-gram occurs where k = n, and in how many left contexts where k is less;
 * N1, N2, N3+ count the words w with c(u v w) = 1, 2, and 3 or more. A context that was never seen
 * leaves the choice to the shorter one. The vocabulary is closed: all V probabilities sum to 1.
 */
final class KneserNey {

  private static final int DISCOUNTS = 3; // of counts 1, 2, and 3 or more

  private final NgramTrie trie;
  private final int order;
  private final double[][] discounts;
  private final long[] totals;
  private final int[][] words;

  /**
   * The model of one order.
   *
   * @param trie of the training stream
   * @param order n, at most the trie's length
   */
  KneserNey(NgramTrie trie, int order) {
    this.trie = trie;
    this.order = order;
    this.totals = new long[trie.nodes()];
    this.words = new int[DISCOUNTS][trie.nodes()];
    int[][] countsOfCounts = new int[order + 1][DISCOUNTS + 2];
    for (int node = 1; node < trie.nodes(); node++) {
      int depth = trie.depth(node);
      int count = depth <= order ? count(node) : 0;
      if (count > 0) {
        totals[trie.parent(node)] += count;
        words[Math.min(count, DISCOUNTS) - 1][trie.parent(node)]++;
        countsOfCounts[depth][Math.min(count, DISCOUNTS + 2) - 1]++;
      }
    }
    this.discounts = new double[order + 1][];
    for (int k = 1; k <= order; k++) {
      discounts[k] = discounts(countsOfCounts[k]);
    }
  }

  /** Bytes of heap for a trie of so many nodes. */
  static long bytes(long nodes) {
    return nodes * (Long.BYTES + DISCOUNTS * Integer.BYTES);
  }

  /**
   * Chen and Goodman's D1, D2 and D3+, equation 26.
   *
   * @param countsOfCounts how many n-grams have the count 1, 2, 3, 4
   * @return 0.5 each, or the discount of Ney, Essen and Kneser 1994, where a count of counts is 0
   *     or the formula gives none: without a discount nothing would be left for what was never seen
   */
  static double[] discounts(int[] countsOfCounts) {
    double[] n = new double[DISCOUNTS + 2];
    for (int count = 1; count <= DISCOUNTS + 1; count++) {
      n[count] = countsOfCounts[count - 1];
    }
    double one = n[1] > 0 && n[2] > 0 ? n[1] / (n[1] + 2 * n[2]) : 0.5;
    double[] discounts = new double[DISCOUNTS];
    for (int count = 1; count <= DISCOUNTS; count++) {
      boolean known = n[count] > 0 && n[count + 1] > 0;
      double discount = known ? count - (count + 1) * one * n[count + 1] / n[count] : one;
      discounts[count - 1] = Math.min(discount > 0 ? discount : one, count);
    }
    return discounts;
  }

  /** P(tokens[at] | the tokens before it). */
  double probability(int[] tokens, int at) {
    double probability = 1.0 / trie.vocabulary();
    for (int k = 1; k <= order && k <= at + 1; k++) {
      int context = trie.find(tokens, at - k + 1, at);
      if (context == NgramTrie.NONE || totals[context] == 0) {
        break; // nor was a longer one seen
      }
      int node = trie.child(context, tokens[at]);
      int count = node == NgramTrie.NONE ? 0 : count(node);
      double kept = count == 0 ? 0 : count - discounts[k][Math.min(count, DISCOUNTS) - 1];
      double left = 0;
      for (int i = 0; i < DISCOUNTS; i++) {
        left += discounts[k][i] * words[i][context];
      }
      probability = (kept + left * probability) / totals[context];
    }
    return probability;
  }

  /** The mean of -ln P over all tokens but the first, nats per token. */
  double loss(int[] tokens) {
    double sum = 0;
    for (int at = 1; at < tokens.length; at++) {
      sum -= Math.log(probability(tokens, at));
    }
    return sum / (tokens.length - 1);
  }

  private int count(int node) {
    return trie.depth(node) == order ? trie.occurrences(node) : trie.leftContexts(node);
  }
}
