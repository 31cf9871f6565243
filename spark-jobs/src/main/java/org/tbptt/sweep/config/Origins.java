package org.tbptt.sweep.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigSyntax;

/** Where a setting was written, for messages. */
final class Origins {

  static final String SET = "--set";

  private Origins() {}

  /** " (conf/ptb.conf line 12)", " (--set)", " (env var PTB_DIR)". */
  static String where(ConfigOrigin origin) {
    String description = origin.description();
    String line = ": " + origin.lineNumber();
    if (!description.endsWith(line)) {
      return " (" + description + ")";
    }
    String source = description.substring(0, description.length() - line.length());
    return source.equals(SET)
        ? " (" + SET + ")"
        : " (" + source + " line " + origin.lineNumber() + ")";
  }

  /** The parser's message, with the place at the end as in all messages. */
  static InvalidConfException invalid(ConfigException e, ConfigSyntax syntax) {
    boolean notParsed =
        e instanceof ConfigException.Parse
            && !(e instanceof ConfigException.UnresolvedSubstitution);
    String kind =
        notParsed ? "not valid " + (syntax == ConfigSyntax.JSON ? "JSON" : "HOCON") + ": " : "";
    if (e.origin() == null) {
      return new InvalidConfException(kind + e.getMessage(), e);
    }
    String place = e.origin().description() + ": ";
    return new InvalidConfException(
        kind + e.getMessage().replace(place, "") + where(e.origin()), e);
  }
}
