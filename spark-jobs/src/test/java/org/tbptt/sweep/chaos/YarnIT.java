package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Sweeps on YARN whose tables are on HDFS. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class YarnIT extends DisturbedSweep {

  private static YarnCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new YarnCluster(shared);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  @Tag("long")
  void containersThatAreTooSmallForTheirTrials() throws Exception {
    try (SweepProcess run =
        submit("client", Map.of("spark.executor.memoryOverhead", "200m"), "" + conf)) {
      assertThat(run.exit()).as(run.output()).isEqualTo(2);
      assertThat(run.output()).contains("spark.executor.memoryOverhead must be at least");
    }
    assertThat(cluster.files().exists(onHdfs())).isFalse();
  }

  @Test
  @Tag("long")
  void aContainerThatIsKilled() throws Exception {
    try (SweepProcess run = clientMode()) {
      run.awaitOutput("epoch 2 of");
      kill(YarnCluster.EXECUTOR);
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("is retried");
    }
    assertUndisturbedOnHdfs();
  }

  /** YARN starts the program again. */
  @Test
  @Tag("long")
  void anApplicationMasterThatIsKilledWithTheDriverInIt() throws Exception {
    try (SweepProcess run = submit("cluster", Map.of("spark.files", "" + conf), "chaos.conf")) {
      cluster.awaitLog("epoch 2 of");
      kill(YarnCluster.MASTER_IN_CLUSTER_MODE);
      assertThat(run.exit()).as(run.output() + cluster.logs("stderr")).isZero();
    }
    assertThat(cluster.logs("stderr")).contains("attempt 2, from epoch");
    assertThat(cluster.logs("stdout")).containsOnlyOnce("Sweep chaos: lowest validation loss");
    assertUndisturbedOnHdfs();
  }

  /** YARN ends its executors, too, and starts another one. */
  @Test
  @Tag("long")
  void anApplicationMasterThatIsKilled() throws Exception {
    try (SweepProcess run = clientMode()) {
      run.awaitOutput("epoch 2 of");
      kill(YarnCluster.MASTER_IN_CLIENT_MODE);
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("is retried");
    }
    assertUndisturbedOnHdfs();
  }

  @Test
  @Tag("long")
  void anApplicationThatIsKilled() throws Exception {
    try (SweepProcess run = clientMode()) {
      run.awaitOutput("epoch 2 of");
      cluster.killApplications();
      assertThat(run.exit()).as(run.output()).isEqualTo(1);
      assertThat(run.output()).containsOnlyOnce("submit.sh: Spark has stopped: ");
      assertThat(run.output()).doesNotContain("at org.tbptt.");
    }
    try (SweepProcess rerun = clientMode()) {
      assertThat(rerun.exit()).as(rerun.output()).isZero();
    }
    assertUndisturbedOnHdfs();
  }

  /**
   * The last one, for nobody starts it again. The application master does not learn that its
   * executor is gone, and leaves the driver's question without an answer.
   */
  @Test
  @Order(Integer.MAX_VALUE)
  @Tag("long")
  void aNodeManagerThatIsStopped() throws Exception {
    Map<String, String> soon = Map.of("spark.rpc.askTimeout", "30s");
    try (SweepProcess run = submit("client", soon, "" + conf)) {
      run.awaitOutput("epoch 2 of");
      cluster.stopANodeOfExecutors();
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("is retried");
    }
    assertUndisturbedOnHdfs();
  }

  private static void kill(String mainClass) throws Exception {
    SweepProcess.signal("KILL", YarnCluster.containers(mainClass).get(0).pid());
  }

  private SweepProcess clientMode() throws IOException {
    return submit("client", Map.of(), "" + conf);
  }

  private SweepProcess submit(String mode, Map<String, String> spark, String conf)
      throws IOException {
    return cluster.submit(
        folder, mode, spark, "run", conf, "--results", "" + onHdfs(), "--checkpoint-interval", "1");
  }

  private Path onHdfs() {
    return new Path("hdfs:///" + folder.getFileName());
  }

  private void assertUndisturbedOnHdfs() throws IOException {
    cluster.files().copyToLocalFile(onHdfs(), new Path(results.toUri()));
    assertUndisturbed();
  }
}
