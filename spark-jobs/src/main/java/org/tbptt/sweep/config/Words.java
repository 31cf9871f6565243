package org.tbptt.sweep.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How names of the code are written in conf files, what to say when one is misspelt, and counts of
 * things.
 */
public final class Words {

  private static final int CLOSE = 2;

  private Words() {}

  /** POST_DROPOUT is written post-dropout. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The record component bpttSteps is written bptt-steps. */
  static String word(String component) {
    return component.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** The words of a record's components, in their order. */
  static Set<String> of(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(component -> word(component.getName()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** "1 trial", "2 trials", "20,000 trials". */
  public static String counted(long count, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
  }

  /** "toy, ptb or text". */
  static String alternatives(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  /** "unknown key; did you mean ...?" with the known key that is nearest in spelling, if any is. */
  static String unknownKey(String key, Collection<String> known) {
    Optional<String> nearest =
        known.stream()
            .filter(k -> distance(key, k) <= CLOSE || lastWord(key).equals(lastWord(k)))
            .min(
                Comparator.comparing((String k) -> !k.startsWith(section(key)))
                    .thenComparing(k -> distance(key, k))
                    .thenComparing(Comparator.naturalOrder()));
    return "unknown key; "
        + nearest.map(k -> "did you mean " + k + "?").orElse("conf/reference.conf lists every key");
  }

  private static String lastWord(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private static String section(String key) {
    return key.substring(0, key.lastIndexOf('.') + 1);
  }

  /** Levenshtein's distance: the fewest letters to insert, delete or replace. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
