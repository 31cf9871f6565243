package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTest {

  private static final String PATIENCE = "spark.storage.blockManagerHeartbeatTimeoutMs";
  private static final String BEFORE = System.getProperty("spark.master");

  @AfterEach
  void forgetTheMaster() {
    if (BEFORE == null) {
      System.clearProperty("spark.master");
    } else {
      System.setProperty("spark.master", BEFORE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "local, true",
    "local[*], true",
    "'local[2,4]', true",
    "'local-cluster[2,1,1024]', false",
    "spark://host:7077, false",
    "yarn, false"
  })
  void onlyAnExecutorThatIsTheDriverItselfIsNeverTakenForLost(String master, boolean patient) {
    System.setProperty("spark.master", master);

    SparkConf conf = Session.trainingConf("a");

    assertThat(conf.getTimeAsMs(PATIENCE, "120s"))
        .isEqualTo(patient ? 30L * 24 * 3600 * 1000 : 120_000);
    assertThat(conf.getTimeAsMs("spark.executor.heartbeatInterval", "10s"))
        .isEqualTo(patient ? 30_000 : 10_000);
  }

  @ParameterizedTest
  @CsvSource({
    "yarn, '', '', 240",
    "yarn, 10min, '', 1200",
    "yarn, 10min, 30s, 60",
    "local, '', '', 0"
  })
  void aConnectionToAnApplicationMasterOutlivesAQuestionWithoutAnAnswer(
      String master, String network, String ask, int seconds) {
    Map<String, String> settings =
        Map.of(
            "spark.master", master, "spark.network.timeout", network, "spark.rpc.askTimeout", ask);
    settings.forEach(
        (key, value) -> {
          if (!value.isEmpty()) {
            System.setProperty(key, value);
          }
        });
    try {
      assertThat(Session.trainingConf("a").getTimeAsSeconds("spark.rpc.io.connectionTimeout", "0s"))
          .isEqualTo(seconds);
    } finally {
      System.clearProperty("spark.network.timeout");
      System.clearProperty("spark.rpc.askTimeout");
    }
  }

  @Test
  void anExecutorComputesWithTheThreadsOfItsTask() {
    System.setProperty("spark.master", "yarn");
    System.setProperty("spark.task.cpus", "3");
    try {
      assertThat(Session.trainingConf("a").get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("3");
    } finally {
      System.clearProperty("spark.task.cpus");
    }
    assertThat(Session.trainingConf("a").get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("1");
  }

  /** It refuses tasks of one attempt, by stopping Spark. */
  @Test
  void sparkDoesNotCountFailuresOfTasksOfOneAttempt() {
    System.setProperty("spark.master", "yarn");
    System.setProperty("spark.excludeOnFailure.enabled", "true");
    try {
      assertThat(Session.trainingConf("a").get("spark.excludeOnFailure.enabled"))
          .isEqualTo("false");
      System.setProperty("spark.task.maxFailures", "4");
      assertThat(Session.trainingConf("a").get("spark.excludeOnFailure.enabled")).isEqualTo("true");
    } finally {
      System.clearProperty("spark.task.maxFailures");
      System.clearProperty("spark.excludeOnFailure.enabled");
    }
  }

  @Test
  void aTimeoutThatIsNoneIsToldAsOtherSettingsAre() {
    System.setProperty("spark.master", "yarn");
    System.setProperty("spark.rpc.askTimeout", "soon");
    try {
      assertThatThrownBy(() -> Session.trainingConf("a"))
          .isInstanceOf(NoSparkException.class)
          .hasMessageStartingWith("--master yarn: Spark cannot be started: ")
          .hasMessageContaining("spark.rpc.askTimeout");
    } finally {
      System.clearProperty("spark.rpc.askTimeout");
    }
  }

  @Test
  void whySparkCannotBeStartedIsToldWithTheCause() {
    Exception cause = new IllegalStateException("no such class\nand more");

    assertThat(
            new NoSparkException(
                new SparkConf(false).set("spark.master", "yarn"),
                new SparkException("the scheduler cannot be made", new IOException(cause))))
        .hasMessage(
            "--master yarn: Spark cannot be started: the scheduler cannot be made:"
                + " IllegalStateException: no such class");
  }
}
