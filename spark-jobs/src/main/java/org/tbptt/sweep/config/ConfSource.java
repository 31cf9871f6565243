package org.tbptt.sweep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.tbptt.model.corpus.CorpusException;

/**
 * One place where settings are written: the defaults, a conf file or a --set option.
 *
 * @param config as parsed, ${...} still in it
 */
record ConfSource(Config config) {

  /** The name, in messages, of a conf stored with the results. */
  static final String STORED = "the sweep's stored conf";

  /** The name of the defaults in messages: the file that documents them. */
  private static final String DEFAULTS = "conf/reference.conf";

  private static final ConfigParseOptions HOCON =
      ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false);

  /** JSON only: HOCON can include files and URLs, and results may come from others. */
  private static final ConfigParseOptions JSON =
      ConfigParseOptions.defaults()
          .setSyntax(ConfigSyntax.JSON)
          .setAllowMissing(false)
          .setOriginDescription(STORED);

  /** conf/reference.conf, as it was packaged. */
  static ConfSource defaults() {
    return new ConfSource(
        ConfigFactory.parseResources(
            ConfSource.class, "reference.conf", HOCON.setOriginDescription(DEFAULTS)));
  }

  /**
   * @param name its path or URI
   * @throws InvalidConfException if it cannot be read, or is not HOCON
   */
  static ConfSource file(String name, HadoopTextFiles files) {
    try {
      return new ConfSource(
          files.local(name).map(ConfSource::local).orElseGet(() -> remote(name, files, HOCON)));
    } catch (ConfigException e) {
      throw Origins.invalid(e, HOCON.getSyntax());
    }
  }

  private static Config local(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidConfException("conf file " + file + ": is a folder");
    }
    if (Files.notExists(file)) {
      throw new InvalidConfException("conf file " + file + ": there is no such file");
    }
    if (!Files.isReadable(file)) {
      throw new InvalidConfException("conf file " + file + ": cannot be read (permission denied)");
    }
    return ConfigFactory.parseFile(file.toFile(), HOCON);
  }

  /** A conf file of another file system; what it includes is there, too. */
  static Config remote(String uri, HadoopTextFiles files, ConfigParseOptions options) {
    try (Reader text = new InputStreamReader(files.open(uri), StandardCharsets.UTF_8)) {
      return ConfigFactory.parseReader(
          text, options.setOriginDescription(uri).setIncluder(new RelativeIncluder(uri, files)));
    } catch (FileNotFoundException missing) {
      if (options.getAllowMissing()) {
        return ConfigFactory.empty(uri);
      }
      throw new InvalidConfException("conf file " + uri + ": there is no such file", missing);
    } catch (CorpusException noText) {
      throw new InvalidConfException("conf file " + noText.getMessage(), noText);
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new InvalidConfException(
          "conf file " + uri + ": cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  /**
   * One section of a conf that was stored as JSON with a sweep's results.
   *
   * @throws InvalidConfException if it is not JSON
   */
  static ConfSource stored(String json, String section) {
    try {
      return new ConfSource(ConfigFactory.parseString(json, JSON).withOnlyPath(section));
    } catch (ConfigException e) {
      throw Origins.invalid(e, JSON.getSyntax());
    }
  }

  /** A --set option, key=value. */
  static ConfSource option(String option) {
    int equals = option.indexOf('=');
    if (equals < 0) {
      throw new InvalidConfException(Origins.SET + " " + option + ": must be key=value");
    }
    // sweep.grid."model.cell" and sweep.grid.model.cell are the same axis.
    String key = option.substring(0, equals).strip().replace("\"", "");
    if (!key.startsWith("sweep.")) {
      throw new InvalidConfException(
          Origins.SET + " " + option + ": the key must start with sweep.");
    }
    if (!Keys.isSetting(key) && !Keys.isSection(key)) {
      String unknown = SettingNames.unknownKey(key, Keys.settingsAndSections());
      throw new InvalidConfException(Origins.SET + " " + option + ": " + unknown);
    }
    ConfigValue value = optionValue(option.substring(equals + 1).strip());
    return new ConfSource(value.atPath(ConfigUtil.joinPath(key.split("\\.", -1))));
  }

  /** The settings in the order in which they are written; ${...} is looked up in all sources. */
  List<Setting> settings(Config everything) {
    try {
      return SettingTree.flatten(config.resolveWith(everything, ConfigResolveOptions.noSystem()));
    } catch (ConfigException e) {
      throw Origins.invalid(e, HOCON.getSyntax());
    }
  }

  /** The value of the text in HOCON; the text itself if it is a plain word or not HOCON. */
  private static ConfigValue optionValue(String text) {
    ConfigValue plain = ConfigValueFactory.fromAnyRef(text, Origins.SET);
    Config parsed;
    try {
      parsed =
          ConfigFactory.parseString("value = " + text, HOCON.setOriginDescription(Origins.SET));
    } catch (ConfigException notHocon) {
      return plain;
    }
    if (!parsed.root().keySet().equals(Set.of("value"))) {
      return plain; // for example a comma in a path
    }
    ConfigValue value = parsed.root().get("value");
    boolean word =
        !text.contains("${")
            && !text.startsWith("\"")
            && value.valueType() == ConfigValueType.STRING;
    return word ? plain : value; // HOCON reads // and # in a path as a comment
  }
}
