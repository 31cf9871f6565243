package org.tbptt.sweep.run;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.Pointer;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.HeapNeed;
import org.tbptt.model.train.TrialDiagnostics;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialWindows;
import org.tbptt.sweep.config.InvalidConfException;

/**
 * What trials need outside the heap. They may have as much there as the heap may be large, on the
 * driver in local mode and on each executor otherwise; JavaCPP, on which ND4J stands, refuses what
 * would make the whole process larger than four times that.
 */
public final class TrialMemory {

  /** Spark's own. */
  private static final double OVERHEAD_FACTOR = 0.1;

  private static final long LEAST_OVERHEAD_MB = 384;

  /** What an executor's JVM was seen to take outside its heap before a trial takes anything. */
  private static final long JVM_BYTES = 330L << 20;

  private static final Duration FIRST_EXECUTOR = Duration.ofSeconds(10);

  private TrialMemory() {}

  /** What one trial needs, in bytes. */
  private record Need(PlannedTrial trial, long bytes) {}

  /**
   * Of the largest trial that is missing, in bytes; 0 if none is.
   *
   * @throws InvalidConfException if a trial is too large for its engine
   */
  public static long largest(Plan plan) {
    return greediest(plan).map(Need::bytes).orElse(0L);
  }

  /**
   * Checks that as many of the largest trial as train in one process at the same time have room.
   *
   * @throws InvalidConfException if they have not
   */
  static void require(Plan plan, JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    if (spark.isLocal()) {
      int together = Math.min(TrialJobs.slots(spark), plan.toDo());
      require(plan, together, Pointer.maxBytes(), "--driver-memory");
    } else {
      requireHeap(plan, executorBytes(conf));
      int executors = executors(spark);
      int together = perExecutor(conf, TrialJobs.slots(spark), executors);
      require(plan, together, executorBytes(conf), "--executor-memory");
      requireOverhead(plan, together, conf);
    }
  }

  /** Of a cluster that gives each as many cores as its machine has, one has to be seen. */
  private static int executors(JavaSparkContext spark) {
    IntSupplier registered =
        () -> spark.sc().statusTracker().getExecutorInfos().length - 1; // but the driver
    boolean unknown =
        spark.getConf().get("spark.master").startsWith("spark://")
            && !spark.getConf().contains("spark.executor.cores");
    return unknown ? first(registered, FIRST_EXECUTOR) : registered.getAsInt();
  }

  /** How many there are as soon as there is one, or after some time. */
  static int first(IntSupplier registered, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    try {
      while (registered.getAsInt() == 0 && System.nanoTime() - until < 0) {
        Thread.sleep(100);
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    return registered.getAsInt();
  }

  /**
   * Trials that train in one executor at the same time: by its cores if their number is set, else
   * as many as there are now, for a standalone cluster gives an executor all cores of its worker.
   */
  static int perExecutor(SparkConf conf, int slots, int executors) {
    int cores = conf.getInt("spark.executor.cores", 0);
    int together =
        cores > 0
            ? cores / conf.getInt("spark.task.cpus", 1)
            : executors > 0 ? (slots + executors - 1) / executors : 1;
    return Math.max(1, together);
  }

  /**
   * Makes sure that an executor can hold the corpus.
   *
   * @param heap bytes
   * @throws InvalidConfException if it can't
   */
  static void requireHeap(Plan plan, long heap) {
    long needed = HeapNeed.of(plan.corpus());
    if (needed > heap && !plan.missing().isEmpty()) {
      throw new InvalidConfException(
          "corpus %s needs a heap of %,d MB on each executor: --executor-memory must be at least %dm, is %dm"
              .formatted(plan.corpus().id(), megabytes(needed), megabytes(needed), heap >> 20));
    }
  }

  /**
   * Makes sure that an executor on YARN or Kubernetes, which kill a container that uses more than
   * it was given, has room for its trials outside the heap.
   *
   * @param together trials that train in one executor
   * @throws InvalidConfException if it has not
   */
  static void requireOverhead(Plan plan, int together, SparkConf conf) {
    String master = conf.get("spark.master");
    if (!master.equals("yarn") && !master.startsWith("k8s://")) {
      return;
    }
    greediest(plan)
        .ifPresent(
            need -> {
              long needed = need.bytes() * together + JVM_BYTES;
              if (needed > overheadBytes(conf)) {
                throw new InvalidConfException(
                    "%s needs %,d MB outside the heap, %d such trials train in one executor, and its JVM needs %,d MB: spark.executor.memoryOverhead must be at least %dm, is %dm"
                        .formatted(
                            need.trial().label(),
                            megabytes(need.bytes()),
                            together,
                            megabytes(JVM_BYTES),
                            megabytes(needed),
                            overheadBytes(conf) >> 20));
              }
            });
  }

  /** What an executor's container has beside the heap, as Spark computes it. */
  static long overheadBytes(SparkConf conf) {
    double factor =
        conf.getDouble(
            "spark.executor.memoryOverheadFactor",
            conf.get("spark.master").equals("yarn")
                ? OVERHEAD_FACTOR
                : conf.getDouble("spark.kubernetes.memoryOverheadFactor", OVERHEAD_FACTOR));
    long usual = Math.max((long) (factor * (executorBytes(conf) >> 20)), LEAST_OVERHEAD_MB);
    return conf.getSizeAsMb("spark.executor.memoryOverhead", usual + "m") << 20;
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  /** An executor's heap. A number without a unit is of MB, as everywhere in Spark. */
  static long executorBytes(SparkConf conf) {
    return conf.getSizeAsMb("spark.executor.memory", "1g") << 20;
  }

  /**
   * @param together trials that train in one process
   * @param room bytes that they may have outside the heap together; 0 for no limit
   * @param option that says how much that is
   */
  static void require(Plan plan, int together, long room, String option) {
    Optional<Need> greediest = greediest(plan);
    if (greediest.isEmpty()) {
      return;
    }
    Need need = greediest.get();
    if (room > 0 && need.bytes() * together > room) {
      throw new InvalidConfException(
          "%s needs %,d MB outside the heap, and %d such trials train in one process: %s must be at least %dm, is %dm; or use fewer cores"
              .formatted(
                  need.trial().label(),
                  megabytes(need.bytes()),
                  together,
                  option,
                  megabytes(need.bytes() * together),
                  room >> 20));
    }
  }

  private static Optional<Need> greediest(Plan plan) {
    return plan.largest().stream()
        .map(trial -> new Need(trial, bytes(trial, plan.corpus())))
        .max(Comparator.comparingLong(Need::bytes));
  }

  private static long bytes(PlannedTrial trial, Corpus corpus) {
    try {
      TrialSpec spec = trial.spec();
      return spec.training().engine().offHeapBytes(TrialWindows.core(spec, corpus))
          + TrialDiagnostics.offHeapBytes(spec, corpus);
    } catch (IllegalArgumentException refused) {
      throw new InvalidConfException(
          "%s cannot be computed by the native core: %s"
              .formatted(trial.label(), refused.getMessage()));
    }
  }
}
