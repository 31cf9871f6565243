package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Option;

class StandaloneMastersTest {

  @ParameterizedTest
  @CsvSource({
    "spark://127.0.0.1:1, Connection refused",
    "'spark://127.0.0.1:1,127.0.0.1:2', Connection refused",
    "spark://127.0.0.1, must be spark://HOST:PORT",
    "spark://nowhere.invalid:7077, there is no such host"
  })
  void aMasterThatIsNotThereIsNamed(String master, String reason) {
    assertThatThrownBy(() -> StandaloneMasters.require(conf(master), Duration.ZERO))
        .isInstanceOf(NoSparkException.class)
        .hasMessage("--master " + master + ": no master can be reached there: " + reason);
  }

  @Test
  void oneOfSeveralIsEnough() throws IOException {
    try (ServerSocket there = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String master = "spark://127.0.0.1:1,127.0.0.1:" + there.getLocalPort();

      assertThatCode(() -> StandaloneMasters.require(conf(master))).doesNotThrowAnyException();
    }
  }

  @Test
  void aMasterThatIsStillStartingIsWaitedFor() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    CompletableFuture<ServerSocket> started =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
              } catch (IOException taken) {
                throw new UncheckedIOException(taken);
              }
            },
            CompletableFuture.delayedExecutor(700, TimeUnit.MILLISECONDS));

    assertThatCode(() -> StandaloneMasters.require(conf("spark://127.0.0.1:" + port)))
        .doesNotThrowAnyException();
    started.get().close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local[2]", "yarn", "k8s://https://127.0.0.1:1"})
  void othersAreSparksAffair(String master) {
    assertThatCode(() -> StandaloneMasters.require(conf(master))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run ../conf/toy.conf",
        "plan ../conf/toy.conf",
        "compare",
        "report",
        "sql SHOW",
        "export best"
      })
  void everyCommandSaysSoInOneLineAndWritesNothing(String command, @TempDir Path folder) {
    Path results = folder.resolve("results");
    StringWriter err = new StringWriter();
    // Commands use a session that another test has left open.
    Option<SparkSession> open = SparkSession.getDefaultSession();
    SparkSession.clearDefaultSession();
    String before = System.setProperty("spark.master", "spark://nowhere.invalid:7077");
    int exit;
    try {
      exit =
          TbpttSweep.commandLine()
              .setErr(new PrintWriter(err))
              .execute((command + " --results " + results).split(" ", -1));
    } finally {
      if (open.isDefined()) {
        SparkSession.setDefaultSession(open.get());
      }
      if (before == null) {
        System.clearProperty("spark.master");
      } else {
        System.setProperty("spark.master", before);
      }
    }

    assertThat(exit).isEqualTo(2);
    assertThat(err)
        .hasToString(
            "submit.sh: --master spark://nowhere.invalid:7077: no master can be reached there:"
                + " there is no such host\n");
    assertThat(results).doesNotExist();
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }
}
