package org.tbptt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.core.Draws;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.corpus.WindowStream;
import org.tbptt.model.nativecore.NativeEngine;

/**
 * What one trial adds to a process that has trained another one already, in a process of its own,
 * while it writes a checkpoint. The heap has to be of a fixed size and touched before ({@code
 * -Xms256m -Xmx256m -XX:+AlwaysPreTouch}), so that only what is outside it grows.
 *
 * @param workload its name
 * @param plannedBytes what {@code plan} states
 * @param residentBytes what the process grew by
 */
record TrialMemory(String workload, long plannedBytes, long residentBytes) {

  /** Those that are measured. */
  static final List<Workload> WORKLOADS =
      List.of(Workloads.TF_40, Workloads.LSTM_200, Workloads.GRU_200, Workloads.LSTM_650);

  private static final int WINDOWS = 10;

  /** How far what was measured is from what was planned, percent. */
  double deviation() {
    return 100 * Math.abs((double) residentBytes / plannedBytes - 1);
  }

  /** Prints planned and resident bytes of the workload of this name. */
  public static void main(String[] arguments) throws IOException {
    Workload workload =
        WORKLOADS.stream()
            .filter(each -> each.name().equals(arguments[0]))
            .findFirst()
            .orElseThrow();
    NativeEngine engine = new NativeEngine();
    long planned = engine.offHeapBytes(workload.config(Precision.FP32));
    grown(engine, Workloads.SMALL_1); // loads and compiles what every trial needs
    System.out.println(String.format(Locale.ROOT, "%d %d", planned, grown(engine, workload)));
  }

  /** Bytes by which the process grows until a trial has trained and holds a checkpoint. */
  private static long grown(NativeEngine engine, Workload workload) throws IOException {
    WindowStream corpus = SyntheticCorpus.of(workload);
    long before = residentNow();
    try (RnnCore core = engine.open(workload.config(Precision.FP32), 1, 1)) {
      List<INDArray> epochStart = core.shape().parameters().stream().map(core::read).toList();
      for (int window = 0; window < WINDOWS; window++) {
        core.train(
            corpus.window(window),
            Draws.of(workload.keep(), 1, 1, 1, window),
            Workload.LEARNING_RATE);
      }
      try (CoreState checkpoint = core.snapshot()) {
        return residentNow() - before;
      } finally {
        epochStart.forEach(INDArray::close);
      }
    }
  }

  private static long residentNow() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException("the system does not tell a process's resident memory");
  }
}
