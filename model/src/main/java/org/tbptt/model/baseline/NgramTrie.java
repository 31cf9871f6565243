package org.tbptt.model.baseline;

import java.util.Arrays;

/**
 * Every n-gram of a stream, up to a length, as a node below the one without its last token. The
 * root is node 0. Edges are one hash table with open addressing, keyed by parent and token.
 */
final class NgramTrie {

  static final int ROOT = 0;
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 1 << 10;
  private static final int BYTES_OF_NODE = 4 * Integer.BYTES;
  private static final int BYTES_OF_EDGE = Long.BYTES + Integer.BYTES;

  private final int vocabulary;
  private int nodes = 1;
  private int[] parents = new int[FIRST_CAPACITY];
  private int[] depths = new int[FIRST_CAPACITY];
  private int[] occurrences = new int[FIRST_CAPACITY];
  private int[] leftContexts = new int[FIRST_CAPACITY];
  private long[] keys = new long[2 * FIRST_CAPACITY]; // 0 where there is no edge
  private int[] children = new int[2 * FIRST_CAPACITY];

  private NgramTrie(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * All n-grams of a stream.
   *
   * @param tokens ids, from 0 to vocabulary - 1
   * @param length of the longest n-grams
   */
  static NgramTrie of(int[] tokens, int length, int vocabulary) {
    NgramTrie trie = new NgramTrie(vocabulary);
    // From the end, so that an n-gram's node is there before those that have a token before it.
    int[] following = new int[length + 1];
    int[] here = new int[length + 1];
    for (int from = tokens.length - 1; from >= 0; from--) {
      int node = ROOT;
      for (int n = 1; n <= length && from + n <= tokens.length; n++) {
        int known = trie.nodes;
        node = trie.childOrNew(node, tokens[from + n - 1], n);
        trie.occurrences[node]++;
        if (node == known) {
          trie.leftContexts[following[n - 1]]++;
        }
        here[n] = node;
      }
      int[] swap = following;
      following = here;
      here = swap;
    }
    return trie;
  }

  /** Bytes of heap if every n-gram of a stream of so many tokens is another one. */
  static long mostBytes(long tokens, int length) {
    // Arrays double, and are copied then: three times what is used.
    return 3 * tokens * length * (BYTES_OF_NODE + 2L * BYTES_OF_EDGE);
  }

  int vocabulary() {
    return vocabulary;
  }

  /** How many there are, with the root: ids are 0 to nodes - 1. */
  int nodes() {
    return nodes;
  }

  int parent(int node) {
    return parents[node];
  }

  /** Tokens of a node's n-gram. */
  int depth(int node) {
    return depths[node];
  }

  /** How often a node's n-gram occurs. */
  int occurrences(int node) {
    return occurrences[node];
  }

  /** How many different tokens come before a node's n-gram. */
  int leftContexts(int node) {
    return leftContexts[node];
  }

  /** The node of an n-gram with one more token, or {@link #NONE}. */
  int child(int node, int token) {
    int slot = slot(keys, key(node, token));
    return keys[slot] == 0 ? NONE : children[slot];
  }

  /** The node of tokens[from..to-1], or {@link #NONE}. */
  int find(int[] tokens, int from, int to) {
    int node = ROOT;
    for (int i = from; i < to && node != NONE; i++) {
      node = child(node, tokens[i]);
    }
    return node;
  }

  private int childOrNew(int node, int token, int depth) {
    long key = key(node, token);
    int slot = slot(keys, key);
    if (keys[slot] != 0) {
      return children[slot];
    }
    int child = nodes++;
    if (child == parents.length) {
      grow();
      slot = slot(keys, key);
    }
    keys[slot] = key;
    children[slot] = child;
    parents[child] = node;
    depths[child] = depth;
    return child;
  }

  private void grow() {
    int capacity = Math.multiplyExact(2, parents.length);
    parents = Arrays.copyOf(parents, capacity);
    depths = Arrays.copyOf(depths, capacity);
    occurrences = Arrays.copyOf(occurrences, capacity);
    leftContexts = Arrays.copyOf(leftContexts, capacity);
    long[] oldKeys = keys;
    int[] oldChildren = children;
    keys = new long[2 * capacity];
    children = new int[2 * capacity];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = slot(keys, oldKeys[i]);
        keys[slot] = oldKeys[i];
        children[slot] = oldChildren[i];
      }
    }
  }

  private long key(int node, int token) {
    return (long) node * vocabulary + token + 1;
  }

  /** Where a key is, or would be. */
  private static int slot(long[] keys, long key) {
    long mixed = key * 0x9E3779B97F4A7C15L; // Fibonacci hashing; tables have 2^k slots
    int slot = (int) (mixed >>> (Long.numberOfLeadingZeros(keys.length) + 1));
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }
}
