package org.tbptt.sweep.cli;

import java.io.IOError;
import java.io.PrintWriter;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.results.QuietLocalFileSystem;
import org.tbptt.sweep.run.ExecutorWait;
import org.tbptt.sweep.run.SweepException;
import org.tbptt.sweep.run.SweepPlugin;
import picocli.CommandLine.Model.CommandSpec;
import scala.Option;

/**
 * The Spark session of a command. It overrides nothing that the user or spark-defaults.conf set. A
 * session that is already open is used, and left open.
 */
record Session(SparkSession spark, boolean opened) implements AutoCloseable {

  /** What a command does; it returns the exit status. */
  interface Work<E extends Exception> {
    int with(SparkSession spark) throws E;
  }

  /** For commands that train. */
  static Session forTraining(String name) {
    return open(trainingConf(name));
  }

  static SparkConf trainingConf(String name) {
    SparkConf conf = conf("tbptt-sweep " + name);
    // The sweep itself retries a trial whose executor is lost, and limits the attempts.
    // Spark cannot exclude executors by the failures of tasks that have one attempt.
    conf.setIfMissing("spark.task.maxFailures", "1");
    if (conf.get("spark.task.maxFailures").equals("1")) {
      conf.set("spark.excludeOnFailure.enabled", "false");
    }
    // The sweep itself reports that there are no executors, once and with the master's name.
    conf.setIfMissing("spark.starvation.timeout", "30d");
    if (conf.get("spark.master").equals("yarn")) {
      outliveQuestions(conf);
    }
    String plugin = SweepPlugin.class.getName();
    String others = conf.get("spark.plugins", "");
    conf.set("spark.plugins", others.isEmpty() ? plugin : others + "," + plugin);
    return conf;
  }

  /**
   * The driver asks the application master why an executor is gone, and the master cannot tell
   * while a node is lost. Closing the connection in that silence would end the application.
   *
   * @throws NoSparkException if a timeout is not one
   */
  private static void outliveQuestions(SparkConf conf) {
    try {
      String silence = conf.get("spark.network.timeout", "120s");
      long seconds = conf.getTimeAsSeconds("spark.rpc.askTimeout", silence);
      conf.setIfMissing("spark.rpc.io.connectionTimeout", 2 * seconds + "s");
    } catch (NumberFormatException wrong) {
      throw new NoSparkException(conf, wrong);
    }
  }

  /** For commands that only read: without a web page. */
  static Session forReading(String name) {
    return open(conf("tbptt-sweep " + name).setIfMissing("spark.ui.enabled", "false"));
  }

  /**
   * Does what a command is for. Any failure after Spark has stopped is told as just that.
   *
   * @throws SweepException if Spark has stopped
   * @throws InvalidConfException if there is too little memory, or a native library cannot be used
   */
  <E extends Exception> int call(Work<E> work) throws E {
    try {
      return work.with(spark);
    } catch (Exception | IOError failure) { // Scala's checked ones, too
      if (spark.sparkContext().isStopped()) {
        throw SweepException.sparkHasStopped(failure);
      }
      throw failure;
    } catch (OutOfMemoryError noRoom) {
      throw new InvalidConfException(
          "too little memory: %s; --driver-memory before the command gives more"
              .formatted(TbpttSweep.firstLine(noRoom)));
    } catch (LinkageError unusable) { // a native library
      throw new InvalidConfException(TbpttSweep.firstLine(unusable));
    }
  }

  /**
   * The same for a command that waits for Spark's jobs: if there is no executor for them, it says
   * so.
   *
   * @throws SweepException if Spark has stopped
   */
  <E extends Exception> int call(CommandSpec command, Work<E> work) throws E {
    try (ExecutorWait unused = waiting(spark, command)) {
      return call(work);
    }
  }

  /** Until it is closed, says if Spark's jobs wait for an executor. */
  static ExecutorWait waiting(SparkSession spark, CommandSpec command) {
    PrintWriter err = command.commandLine().getErr();
    return ExecutorWait.of(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        line -> {
          err.println(line);
          err.flush();
        });
  }

  private static SparkConf conf(String name) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", name)
        .setIfMissing("spark.master", "local[*]")
        // The tables are small: a few partitions are enough for any query.
        .setIfMissing("spark.sql.shuffle.partitions", "4")
        // Records are sent to executors, and Kryo cannot create them.
        .set("spark.serializer", "org.apache.spark.serializer.JavaSerializer")
        // Progress is shown by trial, not by Spark stage.
        .setIfMissing("spark.ui.showConsoleProgress", "false")
        // Only a standalone cluster's executors get it from Spark; ND4J would take every processor.
        .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", conf.get("spark.task.cpus", "1"));
    String isa = System.getenv("TBPTT_ISA");
    if (isa != null) {
      conf.setIfMissing("spark.executorEnv.TBPTT_ISA", isa);
    }
    if (conf.get("spark.master").matches("local(\\[.*)?")) {
      // The executor is this process: after the machine was suspended it is late, not lost.
      conf.setIfMissing("spark.storage.blockManagerHeartbeatTimeoutMs", "30d");
      // On a slow machine the first heartbeat must not come before the driver is ready for it.
      conf.setIfMissing("spark.executor.heartbeatInterval", "30s");
      conf.setIfMissing("spark.hadoop.fs.file.impl", QuietLocalFileSystem.class.getName());
    }
    return conf;
  }

  private static Session open(SparkConf conf) {
    Option<SparkSession> open = SparkSession.getDefaultSession();
    return open.isDefined() && !open.get().sparkContext().isStopped()
        ? new Session(open.get(), false)
        : new Session(start(conf), true);
  }

  /**
   * @throws NoSparkException if Spark cannot be started with this master
   */
  private static SparkSession start(SparkConf conf) {
    StandaloneMasters.require(conf);
    SparkSession session;
    try {
      session = SparkSession.builder().config(conf).getOrCreate();
    } catch (Exception failure) { // Scala's checked ones, too
      throw new NoSparkException(conf, failure);
    }
    // The name that Spark invents when no master has given one.
    if (session.sparkContext().applicationId().startsWith("spark-application-")) {
      session.stop();
      throw new NoSparkException(
          conf, "no master of Spark " + session.version() + " answers there");
    }
    return session;
  }

  @Override
  public void close() {
    if (opened) {
      spark.close();
    }
  }
}
