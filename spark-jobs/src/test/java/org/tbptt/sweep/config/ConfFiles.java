package org.tbptt.sweep.config;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tbptt.model.train.TrialSpec;

/** Small conf files for tests. */
final class ConfFiles {

  /** As small as a conf file can be. */
  static final String SMALLEST =
      """
      sweep.name = small
      sweep.grid.truncation = [{bptt-steps = 5, seq-len = 20}]
      """;

  private ConfFiles() {}

  static Path write(Path folder, String text) {
    try {
      return Files.writeString(folder.resolve("a.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the variables of the environment that the tests happen to run in. */
  static SweepConfig load(Path file, Map<String, String> environment, String... options) {
    return SweepConfig.load(
        file.toString(), List.of(options), ConfigFactory.parseMap(environment, "environment"));
  }

  /** The point of the grid that comes first. */
  static TrialSpec firstTrial(SweepConfig config) {
    return config.trial(config.axes().stream().map(axis -> axis.values().get(0)).toList());
  }

  /** A trial for each value of each axis, the other axes at their first. */
  static List<TrialSpec> trials(SweepConfig config) {
    List<TrialSpec> trials = new ArrayList<>();
    for (int axis = 0; axis < config.axes().size(); axis++) {
      for (Setting value : config.axes().get(axis).values()) {
        List<Setting> point =
            new ArrayList<>(config.axes().stream().map(each -> each.values().get(0)).toList());
        point.set(axis, value);
        trials.add(config.trial(point));
      }
    }
    return trials;
  }
}
