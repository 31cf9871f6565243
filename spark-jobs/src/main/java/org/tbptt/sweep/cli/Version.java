package org.tbptt.sweep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.tbptt.model.nativecore.NativeLibrary;
import picocli.CommandLine.IVersionProvider;

/** The version of this program, as it was built. */
final class Version implements IVersionProvider {

  /** Such as "0.1.0". */
  static String code() {
    Properties build = new Properties();
    try (InputStream stream = Version.class.getResourceAsStream("build.properties")) {
      build.load(stream);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("resource build.properties", unreadable);
    }
    return build.getProperty("version");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "TBPTT Sweep " + code(),
      "Native core " + nativeCore(),
      "Spark " + org.apache.spark.package$.MODULE$.SPARK_VERSION(),
      "Java " + System.getProperty("java.version")
    };
  }

  private static String nativeCore() {
    try {
      return NativeLibrary.version() + ", " + NativeLibrary.instructionSet();
    } catch (UnsupportedOperationException notThere) {
      return "none: " + notThere.getMessage();
    }
  }
}
