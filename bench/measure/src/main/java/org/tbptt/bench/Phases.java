package org.tbptt.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of a step goes, as the core's own clock tells (in C++, bench_core --timings).
 *
 * @param workload as bench_core names it
 * @param milliseconds by phase
 */
record Phases(String workload, Map<String, Double> milliseconds) {

  private static final List<String> WORKLOADS =
      List.of("tf 20 fp32", "tf 20 bf16", "true 20 of 40 fp32", "small true 50 of 100");

  /**
   * Runs bench_core for each workload.
   *
   * @throws IllegalStateException if it does not print a workload's phases
   */
  static List<Phases> measure(Path benchCore) {
    List<Phases> all = new ArrayList<>();
    for (String workload : WORKLOADS) {
      for (String line : Output.of(benchCore.toString(), "--timings", "--only", workload)) {
        String start = workload + ", fastest, ms: ";
        if (line.startsWith(start)) {
          all.add(new Phases(workload, parse(line.substring(start.length()))));
        }
      }
    }
    if (all.size() < WORKLOADS.size()) {
      throw new IllegalStateException(benchCore + " --timings printed " + all + " of " + WORKLOADS);
    }
    return all;
  }

  /** Names and numbers in turn. */
  private static Map<String, Double> parse(String line) {
    String[] words = line.split(" ", -1);
    Map<String, Double> milliseconds = new LinkedHashMap<>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      milliseconds.put(words[i], Double.valueOf(words[i + 1]));
    }
    return milliseconds;
  }
}
