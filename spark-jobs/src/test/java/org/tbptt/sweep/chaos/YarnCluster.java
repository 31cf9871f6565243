package org.tbptt.sweep.chaos;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.server.nodemanager.NodeManager;

/**
 * YARN with two node managers, and HDFS, in this process; containers are processes of their own. A
 * node has room for two containers of 512 MB of heap: of an application master and two executors
 * both nodes have some.
 */
final class YarnCluster implements AutoCloseable {

  /** Main classes of containers. */
  static final String EXECUTOR = "YarnCoarseGrainedExecutorBackend";

  static final String MASTER_IN_CLIENT_MODE = "ExecutorLauncher";
  static final String MASTER_IN_CLUSTER_MODE = "ApplicationMaster";

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int NODES = 2;
  private static final int CONTAINER_MB = 896; // 512 and Spark's least overhead

  private final MiniDFSCluster hdfs;
  private final MiniYARNCluster yarn;
  private final Path conf;

  /**
   * Starts it.
   *
   * @param folder for its files, but those of YARN, which are in {@code target}
   */
  YarnCluster(Path folder) throws IOException, InterruptedException {
    Configuration hadoop = new YarnConfiguration();
    hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(1).build();
    hdfs.waitActive();
    hadoop.set(FileSystem.FS_DEFAULT_NAME_KEY, hdfs.getURI().toString());
    hadoop.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 2 * CONTAINER_MB);
    hadoop.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    // Nodes kill containers whose resident memory is more than they were given.
    hadoop.setBoolean(YarnConfiguration.YARN_MINICLUSTER_CONTROL_RESOURCE_MONITORING, true);
    hadoop.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    hadoop.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
    hadoop.set("yarn.scheduler.capacity.root.queues", "default");
    hadoop.set("yarn.scheduler.capacity.root.default.capacity", "100");
    yarn = new MiniYARNCluster("yarn", NODES, 1, 1);
    yarn.init(hadoop);
    yarn.start();
    try {
      yarn.waitForNodeManagersToConnect(60_000);
    } catch (YarnException failed) {
      throw new IOException(failed);
    }
    conf = Files.createDirectories(folder.resolve("hadoop-conf"));
    for (String name : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      try (OutputStream out = Files.newOutputStream(conf.resolve(name))) {
        yarn.getConfig().writeXml(out);
      }
    }
  }

  FileSystem files() throws IOException {
    return hdfs.getFileSystem();
  }

  /**
   * Submits the program with two executors of a core each.
   *
   * @param folder for what it prints
   * @param mode client or cluster
   * @param spark further properties
   */
  SweepProcess submit(Path folder, String mode, Map<String, String> spark, String... arguments)
      throws IOException {
    String jars =
        Arrays.stream(QuickStart.classPath().split(File.pathSeparator))
            .map("local:"::concat)
            .collect(joining(","));
    Map<String, String> properties = new HashMap<>();
    properties.put("spark.master", "yarn");
    properties.put("spark.submit.deployMode", mode);
    properties.put("spark.driver.memory", "512m");
    properties.put("spark.executor.instances", "2");
    properties.put("spark.yarn.jars", jars);
    properties.put("spark.yarn.appMasterEnv.SPARK_LOCAL_IP", "127.0.0.1");
    properties.put("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1");
    properties.putAll(spark);
    return SweepProcess.submit(folder, conf, properties, arguments);
  }

  /** Processes of containers, by the main class without its package. */
  static List<ProcessHandle> containers(String mainClass) {
    return ProcessHandle.current()
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("java"))
        .filter(
            each ->
                Arrays.stream(each.info().arguments().orElse(new String[0]))
                    .anyMatch(word -> word.endsWith("." + mainClass)))
        .toList();
  }

  /** Kills what runs, as the command "yarn application -kill" does. */
  void killApplications() throws IOException {
    try (YarnClient client = YarnClient.createYarnClient()) {
      client.init(yarn.getConfig());
      client.start();
      for (var application : client.getApplications(EnumSet.of(YarnApplicationState.RUNNING))) {
        client.killApplication(application.getApplicationId());
      }
    } catch (YarnException failed) {
      throw new IOException(failed);
    }
  }

  /** Stops the node manager that has executors only, and with it these. */
  void stopANodeOfExecutors() {
    for (int i = 0; i < NODES; i++) {
      NodeManager node = yarn.getNodeManager(i);
      var containers = node.getNMContext().getContainers().keySet();
      if (!containers.isEmpty() && containers.stream().noneMatch(YarnCluster::isMaster)) {
        node.stop();
        return;
      }
    }
    throw new AssertionError("no node has executors only");
  }

  private static boolean isMaster(ContainerId container) {
    return container.getContainerId() % 1_000_000 == 1;
  }

  /**
   * What containers have printed so far.
   *
   * @param name stdout or stderr
   */
  String logs(String name) throws IOException {
    StringBuilder logs = new StringBuilder();
    for (Path folder : logFolders()) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path log : files.filter(file -> file.endsWith(name)).sorted().toList()) {
          logs.append(log).append(":\n").append(Files.readString(log));
        }
      }
    }
    return logs.toString();
  }

  /** Of the node managers. Nothing in them is deleted, unlike in those that containers work in. */
  private List<Path> logFolders() throws IOException {
    try (Stream<Path> folders = Files.walk(yarn.getTestWorkDir().toPath(), 1)) {
      return folders
          .filter(folder -> folder.getFileName().toString().contains("-logDir-nm-"))
          .sorted()
          .toList();
    }
  }

  /** Waits until a container has printed a text on stderr. */
  void awaitLog(String text) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!logs("stderr").contains(text)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("'" + text + "' was never printed:\n" + logs("stderr"));
      }
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    yarn.stop();
    hdfs.shutdown();
  }
}
