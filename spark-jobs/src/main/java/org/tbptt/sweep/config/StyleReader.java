package org.tbptt.sweep.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.tbptt.model.truncation.Truncation;

/**
 * Reads the values of the grid's style axis: a kind's word, or an object with the kind and numbers
 * of its own, {kind = interval, k1 = 2, k2 = 8}. Where an object has no bptt-steps, k2 or seq-len,
 * they are those of the truncation pair; an update-every replaces that of the training.
 */
final class StyleReader {

  private static final String KIND = "kind";
  private static final String HISTORY = "history";
  private static final String UPDATE_EVERY = "update-every";

  /** The short form of bptt-steps in an object. */
  private static final String STEPS = "n";

  /** Settings that default to those of the truncation pair. */
  private static final Map<String, String> FROM_PAIR =
      Map.of("bptt-steps", "bptt-steps", "k2", "bptt-steps", "seq-len", "seq-len");

  private StyleReader() {}

  /** The axis's values; a list inside an object gives one value per element. */
  static List<Setting> expand(Setting axis) {
    return axis.elements().stream().flatMap(value -> multiplied(value).stream()).toList();
  }

  private static List<Setting> multiplied(Setting style) {
    List<Setting> styles = List.of(style);
    if (style.is(ConfigValueType.OBJECT)) {
      for (String word : new TreeSet<>(((ConfigObject) style.value()).keySet())) {
        styles = styles.stream().flatMap(each -> oneOfEach(each, word).stream()).toList();
      }
    }
    return styles;
  }

  private static List<Setting> oneOfEach(Setting style, String word) {
    ConfigObject object = (ConfigObject) style.value();
    return within(style, word, object.get(word)).elements().stream()
        .map(each -> new Setting(style.key(), object.withValue(word, each.value())))
        .toList();
  }

  /**
   * One style.
   *
   * @param style a value of the axis
   * @param settings where the truncation pair is looked up if the style needs it
   * @throws InvalidConfException if the style does not exist, lacks a setting, has an unknown one,
   *     or its numbers are invalid
   */
  static Truncation read(Setting style, Settings settings) {
    Map<String, Setting> given = given(style);
    given.remove(UPDATE_EVERY);
    Setting kind = given.remove(KIND);
    if (kind == null) {
      throw style.invalid("has no kind, such as {kind = interval, k1 = 2, k2 = 8}");
    }
    Style which = kind.choice(Style.class);
    given.forEach((word, setting) -> requireKnown(which, word, setting));
    Map<String, Setting> complete = new LinkedHashMap<>();
    for (String word : which.settings()) {
      Setting own = given.get(word);
      complete.put(word, own == null ? standIn(style, which, word, settings) : own);
    }
    return (Truncation) RecordReader.read(which.type(), Keys.STYLE, complete);
  }

  /** The style's own update-every, if it has one. */
  static Optional<Setting> updateEvery(Setting style) {
    return Optional.ofNullable(given(style).get(UPDATE_EVERY));
  }

  /** The style with its kind as a word; HOCON reads {kind = true} as a boolean. */
  static ConfigValue json(Setting style) {
    if (!style.is(ConfigValueType.OBJECT)) {
      return word(style);
    }
    ConfigObject object = (ConfigObject) style.value();
    return object.containsKey(KIND)
        ? object.withValue(KIND, word(within(style, KIND, object.get(KIND))))
        : object;
  }

  private static ConfigValue word(Setting setting) {
    return ConfigValueFactory.fromAnyRef(setting.text());
  }

  private static Map<String, Setting> given(Setting style) {
    Map<String, Setting> given = new LinkedHashMap<>();
    if (!style.is(ConfigValueType.OBJECT)) {
      given.put(KIND, style);
      return given;
    }
    ConfigObject object = (ConfigObject) style.value();
    for (String word : new TreeSet<>(object.keySet())) {
      Setting setting = within(style, word, object.get(word));
      Setting other = given.put(word.equals(STEPS) ? "bptt-steps" : word, setting);
      if (other != null) {
        throw setting.invalid("is the same setting as " + other.key() + "; give only one");
      }
    }
    return given;
  }

  private static void requireKnown(Style style, String word, Setting setting) {
    if (style.settings().contains(word)) {
      return;
    }
    if (word.equals(HISTORY)) {
      throw setting.invalid(
          SettingNames.word(style)
              + " has no history; true, full and interval have it, as in {kind = interval, k1 = ...,"
              + " k2 = ..., history = true}");
    }
    throw setting.invalid(
        "unknown key; %s has kind, %s and update-every"
            .formatted(SettingNames.word(style), String.join(", ", style.settings())));
  }

  private static Setting standIn(Setting style, Style which, String word, Settings settings) {
    if (word.equals(HISTORY)) {
      return within(style, word, ConfigValueFactory.fromAnyRef(false));
    }
    String fromPair = FROM_PAIR.get(word);
    if (fromPair == null) {
      throw style.invalid(
          "has no "
              + word
              + ": must be {kind = "
              + SettingNames.word(which)
              + ", "
              + word
              + " = ...}");
    }
    Setting pair = settings.get(Keys.TRUNCATION);
    RecordReader.read(TruncationPair.class, pair); // checks it
    return within(pair, fromPair, ((ConfigObject) pair.value()).get(fromPair));
  }

  private static Setting within(Setting object, String word, ConfigValue value) {
    return new Setting(object.key() + "." + word, value);
  }
}
