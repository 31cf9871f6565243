package org.tbptt.sweep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All settings of a sweep under their full keys, in the order in which they were written. */
final class Settings {

  private final String origin;
  private final Map<String, Setting> byKey;

  private Settings(String origin, Map<String, Setting> byKey) {
    this.origin = origin;
    this.byKey = byKey;
  }

  /**
   * The settings of a conf file, overridden by the options in their order, on top of the defaults.
   *
   * @param environment where a ${...} that is not a key of the sweep is looked up
   */
  static Settings load(String file, List<String> options, Config environment) {
    List<ConfSource> sources = new ArrayList<>();
    sources.add(ConfSource.file(file, HadoopTextFiles.ofThisProcess()));
    options.forEach(option -> sources.add(ConfSource.option(option)));
    return of(file, sources, environment);
  }

  /** The options, on top of the defaults. */
  static Settings options(List<String> options) {
    return of(
        Origins.SET, options.stream().map(ConfSource::option).toList(), ConfigFactory.empty());
  }

  /** One section of a sweep's stored {@link #json}, on top of the defaults. */
  static Settings stored(String json, String section) {
    ConfSource source = ConfSource.stored(json, section);
    return of(ConfSource.STORED, List.of(source), ConfigFactory.empty());
  }

  private static Settings of(String origin, List<ConfSource> sources, Config environment) {
    ConfSource defaults = ConfSource.defaults();

    Config everything = defaults.config().withFallback(environment);
    for (ConfSource source : sources) {
      everything = source.config().withFallback(everything);
    }
    Map<String, Setting> byKey = new LinkedHashMap<>();
    defaults.settings(everything).forEach(each -> byKey.put(each.key(), each));
    List<Setting> given = new ArrayList<>();
    for (ConfSource source : sources) {
      given.addAll(source.settings(everything));
    }
    given.forEach(each -> byKey.put(each.key(), each));
    keepCorpusOf(kind(byKey.get(Keys.CORPUS_KIND)), byKey, given);
    return new Settings(origin, byKey);
  }

  /** Drops the defaults of the other kinds; an explicit setting of another kind is an error. */
  private static void keepCorpusOf(String kind, Map<String, Setting> byKey, List<Setting> given) {
    for (Setting each : given) {
      if (!Keys.fits(kind, each.key())) {
        throw each.invalid(
            "is for " + Keys.CORPUS_KIND + " = " + Keys.kindOf(each.key()) + ", not for " + kind);
      }
    }
    byKey.keySet().removeIf(key -> !Keys.fits(kind, key));
  }

  private static String kind(Setting kind) {
    String wanted = SettingNames.alternatives(List.copyOf(Keys.KINDS.keySet()));
    if (!Keys.KINDS.containsKey(kind.scalar(wanted))) {
      throw kind.invalid("must be " + wanted);
    }
    return kind.text();
  }

  boolean has(String key) {
    return byKey.containsKey(key);
  }

  Setting get(String key) {
    if (!has(key)) {
      throw missing(key, "it has no default, see conf/reference.conf");
    }
    return byKey.get(key);
  }

  InvalidConfException missing(String key, String whatToDo) {
    return new InvalidConfException(key + " is not set: " + whatToDo + " (" + origin + ")");
  }

  /** The settings of one section by their keys inside it. */
  Map<String, Setting> section(String section) {
    String start = section + ".";
    Map<String, Setting> byWord = new LinkedHashMap<>();
    byKey.forEach(
        (key, setting) -> {
          if (key.startsWith(start)) {
            byWord.put(key.substring(start.length()), setting);
          }
        });
    return byWord;
  }

  Collection<Setting> all() {
    return byKey.values();
  }

  /** These settings at one point of the grid: each axis decides the setting that it runs over. */
  Settings at(Collection<Setting> point) {
    Map<String, Setting> settings = new LinkedHashMap<>(byKey);
    point.forEach(setting -> settings.put(Keys.settingOf(setting.key()), setting));
    return new Settings(origin, settings);
  }

  /** These settings with one replaced. */
  Settings with(String key, Setting other) {
    Map<String, Setting> settings = new LinkedHashMap<>(byKey);
    settings.put(key, other);
    return new Settings(origin, settings);
  }

  /** All settings as one line of JSON. */
  String json() {
    Config config = ConfigFactory.empty();
    for (Setting setting : byKey.values()) {
      config = config.withValue(ConfigUtil.joinPath(setting.key().split("\\.")), json(setting));
    }
    return config.root().render(ConfigRenderOptions.concise());
  }

  /** HOCON reads the style true as a boolean; the JSON should have a word. */
  private static ConfigValue json(Setting setting) {
    return setting.key().equals(Keys.STYLE)
        ? ConfigValueFactory.fromIterable(
            StyleReader.expand(setting).stream().map(StyleReader::json).toList())
        : setting.value();
  }
}
