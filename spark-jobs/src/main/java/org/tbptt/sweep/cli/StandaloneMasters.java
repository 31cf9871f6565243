package org.tbptt.sweep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.spark.SparkConf;

/** The masters of a standalone cluster, spark://host:port,host:port. */
final class StandaloneMasters {

  private static final String SCHEME = "spark://";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private StandaloneMasters() {}

  /**
   * Makes sure that there is one: Spark itself tries for a minute, and goes on without.
   *
   * @throws NoSparkException if none of them can be reached
   */
  static void require(SparkConf conf) {
    String master = conf.get("spark.master");
    if (!master.startsWith(SCHEME)) {
      return;
    }
    String refusal = null;
    for (String place : master.substring(SCHEME.length()).split(",", -1)) {
      refusal = refusal(place);
      if (refusal == null) {
        return;
      }
    }
    throw new NoSparkException(conf, "no master can be reached there: " + refusal);
  }

  /** Why there is no connection, or null if there is one. */
  private static String refusal(String place) {
    try (Socket socket = new Socket()) {
      URI uri = URI.create(SCHEME + place);
      if (uri.getHost() == null || uri.getPort() < 0) {
        return "must be spark://HOST:PORT";
      }
      String host = uri.getHost().replaceAll("^\\[|]$", ""); // of an IPv6 address
      socket.connect(new InetSocketAddress(host, uri.getPort()), (int) PATIENCE.toMillis());
      return null;
    } catch (UnknownHostException unknown) {
      return "there is no such host";
    } catch (IOException | IllegalArgumentException refused) {
      return refused.getMessage();
    }
  }
}
