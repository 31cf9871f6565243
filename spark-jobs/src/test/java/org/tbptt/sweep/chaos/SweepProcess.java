package org.tbptt.sweep.chaos;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.launcher.SparkLauncher;
import org.tbptt.sweep.DeadlyFileSystem;
import org.tbptt.sweep.FullFileSystem;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.OddFileSystem;
import org.tbptt.sweep.SkewedFileSystem;
import org.tbptt.sweep.cli.TbpttSweep;

/** The program, or a part of a Spark cluster, as a process of its own with these test classes. */
final class SweepProcess implements AutoCloseable {

  /** The exit status of a process that SIGKILL ends. */
  private static final int KILLED = 128 + 9;

  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final Process process;
  private final Path output;

  private SweepProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts the program.
   *
   * @param folder for what it prints
   * @param spark properties, spark.master among them
   */
  static SweepProcess sweep(Path folder, Map<String, String> spark, String... arguments)
      throws IOException {
    Map<String, String> properties = withDefaults(spark);
    properties.putIfAbsent("spark.executor.extraClassPath", QuickStart.classPath());
    return java(folder, properties, TbpttSweep.class.getName(), arguments);
  }

  /**
   * Submits the program to YARN.
   *
   * @param folder for what it and spark-submit print
   * @param hadoop folder with the conf files of Hadoop
   * @param spark properties, spark.master among them
   */
  static SweepProcess submit(
      Path folder, Path hadoop, Map<String, String> spark, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    withDefaults(spark).forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
    words.addAll(List.of("--class", TbpttSweep.class.getName(), SparkLauncher.NO_RESOURCE));
    words.addAll(List.of(arguments));
    return java(
        folder,
        Map.of("HADOOP_CONF_DIR", hadoop.toString()),
        hadoop + File.pathSeparator + QuickStart.classPath(),
        Map.of(),
        SparkSubmit.class.getName(),
        words.toArray(String[]::new));
  }

  private static Map<String, String> withDefaults(Map<String, String> spark) {
    Map<String, String> properties = new TreeMap<>(spark);
    properties.putIfAbsent("spark.ui.enabled", "false");
    properties.putIfAbsent("spark.executor.memory", "512m");
    properties.putIfAbsent(
        "spark.executor.extraJavaOptions", String.join(" ", QuickStart.options()));
    LocalSpark.FOR_FEW_ROWS.forEach(properties::putIfAbsent);
    properties.putIfAbsent("spark.sql.shuffle.partitions", "1");
    List.of(FullFileSystem.class, SkewedFileSystem.class, DeadlyFileSystem.class)
        .forEach(
            kind ->
                OddFileSystem.settings(kind)
                    .forEach((name, value) -> properties.put("spark.hadoop." + name, value)));
    return properties;
  }

  /** Starts a main class. */
  static SweepProcess java(
      Path folder, Map<String, String> properties, String mainClass, String... arguments)
      throws IOException {
    return java(folder, Map.of(), QuickStart.classPath(), properties, mainClass, arguments);
  }

  private static SweepProcess java(
      Path folder,
      Map<String, String> environment,
      String classPath,
      Map<String, String> properties,
      String mainClass,
      String... arguments)
      throws IOException {
    // A shell lets what it starts in the background ignore SIGINT, and so would our children.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(QuickStart.moduleOptions());
    command.addAll(QuickStart.options());
    command.addAll(List.of("-Xmx512m", "-XX:-CreateCoredumpOnCrash"));
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, mainClass.replaceAll(".*\\.", "") + "-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Path home = folder.resolve("spark-home");
    Files.createDirectories(home.resolve("jars"));
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME", home.toString(),
                "SPARK_SCALA_VERSION", "2.12",
                "SPARK_LOCAL_IP", "127.0.0.1",
                "OMP_NUM_THREADS", "1"));
    builder.environment().putAll(environment);
    return new SweepProcess(builder.start(), output);
  }

  long pid() {
    return process.pid();
  }

  /** What it has printed so far. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /** Waits until it has printed a text. */
  void awaitOutput(String text) throws IOException, InterruptedException {
    awaitOutput("'" + text + "' was never printed", output -> output.contains(text));
  }

  /**
   * Waits until what it has printed is as it should be.
   *
   * @param otherwise what is wrong if it never is
   */
  void awaitOutput(String otherwise, Predicate<String> expected)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean ended = false;
    while (!expected.test(output())) {
      if (ended || System.nanoTime() > deadline) {
        throw new AssertionError(otherwise + ":\n" + output());
      }
      Thread.sleep(20);
      ended = !process.isAlive(); // what it has printed is looked at once more
    }
  }

  /** Waits until it ends. */
  int exit() throws IOException, InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end:\n" + output());
    }
    return process.exitValue();
  }

  /** Whether it was still running, so that SIGKILL ended it. */
  boolean kill() throws IOException, InterruptedException {
    signal("KILL", pid());
    return exit() == KILLED;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The executors that it, or a worker, has started: the only Java processes that it starts. */
  List<ProcessHandle> executors() {
    return process
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** Sends a signal, such as KILL. */
  static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
        .redirectErrorStream(true)
        .start()
        .waitFor();
  }

  /** A port that is free now, and that the system gives to no process by itself. */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      if (isFree(port)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  /** Lets this process work for a twentieth of the time. */
  Brake slowDown() {
    return slowDown(process.toHandle());
  }

  /** Lets a process work for a twentieth of the time, until the brake is closed. */
  static Brake slowDown(ProcessHandle process) {
    CountDownLatch released = new CountDownLatch(1);
    Thread brake =
        new Thread(
            () -> {
              try {
                do {
                  signal("STOP", process.pid());
                  Thread.sleep(380); // not longer: a renewal of a lock takes several turns
                  signal("CONT", process.pid());
                } while (process.isAlive() && !released.await(20, TimeUnit.MILLISECONDS));
              } catch (IOException | InterruptedException unexpected) {
                throw new AssertionError(unexpected);
              }
            },
            "brake");
    brake.setDaemon(true);
    brake.start();
    return released::countDown;
  }

  /** What slows a process down. */
  interface Brake extends AutoCloseable {
    @Override
    void close();
  }

  /** Kills it and what it has started. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }
}
