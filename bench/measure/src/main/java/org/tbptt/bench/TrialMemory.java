package org.tbptt.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.nativecore.NativeProbe;
import org.tbptt.model.core.Precision;

/**
 * What one trial adds to a process that has ND4J already, in a process of its own. Prints the
 * arena's bytes and the growth of the resident set. The heap has to be of a fixed size and touched
 * before ({@code -Xms256m -Xmx256m -XX:+AlwaysPreTouch}), so that only what is outside it grows.
 *
 * @param arenaBytes what the core lays out
 * @param residentBytes what the process grew by, 0 where the system does not tell
 */
record TrialMemory(long arenaBytes, long residentBytes) {

  private static final int WINDOWS = 40;

  public static void main(String[] arguments) throws IOException {
    Workload workload = Workloads.TF_40;
    long arena = NativeProbe.arenaBytes(workload.config(Precision.FP32));
    Nd4j.rand(100, 100).mmul(Nd4j.rand(100, 100)).close();
    long before = residentNow();
    try (Contestant trial = CoreContestant.ofNative(workload, Precision.FP32)) {
      for (int window = 0; window < WINDOWS; window++) {
        trial.run(0);
      }
      System.out.println(arena + " " + (residentNow() - before));
    }
  }

  private static long residentNow() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
