package org.tbptt.sweep.config;

import static java.util.Comparator.comparing;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks through the sections of one source down to the known keys, and rejects all others. A quoted
 * key, "model.state-size", is the same as nested sections.
 */
final class SettingTree {

  private final Map<String, Setting> found = new HashMap<>();

  private SettingTree() {}

  /** The settings, ordered by line. */
  static List<Setting> flatten(Config config) {
    SettingTree tree = new SettingTree();
    tree.walk("", config.root());
    List<Setting> settings = new ArrayList<>(tree.found.values());
    settings.sort(
        comparing((Setting setting) -> setting.value().origin().lineNumber())
            .thenComparing(Setting::key));
    return settings;
  }

  private void walk(String section, ConfigObject object) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      Setting setting = new Setting(section + entry.getKey(), entry.getValue());
      if (Keys.isSetting(setting.key())) {
        add(setting);
      } else if (!Keys.isSection(setting.key())) {
        throw setting.invalid(SettingNames.unknownKey(setting.key(), Keys.settingsAndSections()));
      } else if (setting.is(ConfigValueType.OBJECT)) {
        walk(setting.key() + ".", (ConfigObject) setting.value());
      } else {
        throw setting.invalid("must be a section, " + setting.key() + " { ... }");
      }
    }
  }

  private void add(Setting setting) {
    Setting other = found.put(setting.key(), setting);
    if (other != null) {
      throw setting.invalid("is set twice; the other value is " + other.text() + other.where());
    }
  }
}
