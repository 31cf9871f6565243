package org.tbptt.sweep.cli;

import java.net.URI;
import java.net.URISyntaxException;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** What Spark writes to stderr. */
final class SparkLog {

  /** What a Spark without a log4j2.properties of the user's takes: a dozen lines for each trial. */
  private static final String SPARKS_DEFAULT = "org/apache/spark/log4j2-defaults.properties";

  private SparkLog() {}

  /** Takes this program's own settings, unless somebody has made settings for this Spark. */
  static void keepToWarnings() {
    String location =
        LoggerContext.getContext(false).getConfiguration().getConfigurationSource().getLocation();
    if (location == null || location.endsWith(SPARKS_DEFAULT)) {
      Configurator.reconfigure(settings());
    }
  }

  private static URI settings() {
    try {
      return SparkLog.class.getResource("log4j2.properties").toURI();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
