package org.tbptt.model.corpus;

import static java.util.Comparator.comparing;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The V words of a corpus; a word's id is its position, from 0. */
public final class Vocabulary implements Serializable {

  /**
   * By code points, as Python sorts strings. The order of UTF-8 bytes is the order of code points;
   * that of Java's UTF-16 units is not.
   */
  private static final Comparator<String> BY_CODE_POINTS =
      comparing(word -> word.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final List<String> words;
  private final Map<String, Integer> ids = new HashMap<>();

  /**
   * The words with ids 0 to V-1, in this order.
   *
   * @throws IllegalArgumentException when there is none, or one occurs twice
   */
  public Vocabulary(List<String> words) {
    this.words = List.copyOf(words);
    if (words.isEmpty()) {
      throw new IllegalArgumentException("a vocabulary needs at least one word");
    }
    for (String word : this.words) {
      if (ids.put(word, ids.size()) != null) {
        throw new IllegalArgumentException("the word '" + word + "' is in the vocabulary twice");
      }
    }
  }

  /** The words sorted by (-count, word), as TensorFlow's PTB reader sorts them. */
  static Vocabulary byFrequency(Map<String, Integer> counts) {
    Comparator<Map.Entry<String, Integer>> order =
        Map.Entry.<String, Integer>comparingByValue()
            .reversed()
            .thenComparing(Map.Entry.comparingByKey(BY_CODE_POINTS));
    return new Vocabulary(counts.entrySet().stream().sorted(order).map(Map.Entry::getKey).toList());
  }

  /** V. */
  public int size() {
    return words.size();
  }

  /**
   * The word with this id.
   *
   * @throws IndexOutOfBoundsException when id is not in 0..V-1
   */
  public String word(int id) {
    return words.get(id);
  }

  /** The word's id; empty if the vocabulary does not have it. */
  public OptionalInt idOf(String word) {
    Integer id = ids.get(word);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * The first 16 hexadecimal digits of a hash over the words in their order: vocabularies with the
   * same fingerprint have the same ids for the same words.
   */
  public String fingerprint() {
    return new Fingerprint().words(words).firstDigits(16);
  }

  /** All words in the order of their ids; cannot be changed. */
  public List<String> words() {
    return words;
  }
}
