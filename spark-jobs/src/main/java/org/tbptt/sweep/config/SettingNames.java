package org.tbptt.sweep.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** How names of the code are written in conf files, and suggestions for misspelt ones. */
public final class SettingNames {

  private static final int CLOSE = 2;
  private static final LevenshteinDistance DISTANCE = LevenshteinDistance.getDefaultInstance();

  /** Of components: every point of a grid asks for all of them. */
  private static final Map<String, String> WORDS = new ConcurrentHashMap<>();

  private SettingNames() {}

  /** POST_DROPOUT is written post-dropout. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The record component bpttSteps is written bptt-steps. */
  static String word(String component) {
    return WORDS.computeIfAbsent(
        component, name -> name.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT));
  }

  /** The words of a record's components, in their order. */
  static Set<String> of(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(component -> word(component.getName()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** "toy, ptb or text". */
  static String alternatives(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  /**
   * "unknown key; did you mean ...?" with the known key of the most similar spelling, if there is
   * one.
   */
  static String unknownKey(String key, Collection<String> known) {
    Optional<String> nearest =
        known.stream()
            .filter(k -> DISTANCE.apply(key, k) <= CLOSE || lastWord(key).equals(lastWord(k)))
            .min(
                Comparator.comparing((String k) -> !k.startsWith(section(key)))
                    .thenComparing(k -> DISTANCE.apply(key, k))
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
}
