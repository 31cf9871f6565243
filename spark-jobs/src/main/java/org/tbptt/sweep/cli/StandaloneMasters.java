package org.tbptt.sweep.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.spark.SparkConf;

/** The masters of a standalone cluster, spark://host:port,host:port. */
final class StandaloneMasters {

  private static final String SCHEME = "spark://";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** How long a master that refuses connections may still be starting. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(3);

  private StandaloneMasters() {}

  /**
   * Checks that one can be reached: Spark itself tries for a minute, and then runs without one.
   *
   * @throws NoSparkException if none of them can be reached
   */
  static void require(SparkConf conf) {
    require(conf, START_TIMEOUT);
  }

  static void require(SparkConf conf, Duration startTimeout) {
    String master = conf.get("spark.master");
    if (!master.startsWith(SCHEME)) {
      return;
    }
    long deadline = System.nanoTime() + startTimeout.toNanos();
    while (true) {
      IOException refused = null;
      for (String place : master.substring(SCHEME.length()).split(",", -1)) {
        refused = refusal(place);
        if (refused == null) {
          return;
        }
      }
      boolean starting = refused instanceof ConnectException && System.nanoTime() < deadline;
      if (!starting || !pause()) {
        throw new NoSparkException(conf, "no master can be reached there: " + refused.getMessage());
      }
    }
  }

  /** False if interrupted. */
  private static boolean pause() {
    try {
      Thread.sleep(500);
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Why there is no connection, or null if there is one. */
  private static IOException refusal(String place) {
    try (Socket socket = new Socket()) {
      URI uri = URI.create(SCHEME + place);
      if (uri.getHost() == null || uri.getPort() < 0) {
        return new IOException("must be spark://HOST:PORT");
      }
      String host = uri.getHost().replaceAll("^\\[|]$", ""); // of an IPv6 address
      socket.connect(new InetSocketAddress(host, uri.getPort()), (int) CONNECT_TIMEOUT.toMillis());
      return null;
    } catch (UnknownHostException unknown) {
      return new IOException("there is no such host");
    } catch (IOException refused) {
      return refused;
    } catch (IllegalArgumentException malformed) {
      return new IOException(malformed.getMessage());
    }
  }
}
