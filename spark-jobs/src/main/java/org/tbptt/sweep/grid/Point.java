package org.tbptt.sweep.grid;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.sweep.config.Axis;
import org.tbptt.sweep.config.Setting;
import org.tbptt.sweep.config.SweepConfig;

/**
 * One point of the grid, before equal ones are merged.
 *
 * @param spec what would be trained
 * @param label the settings in which it differs from others: "tf bptt-steps=5 seq-len=5
 *     learning-rate=0.003"
 * @param pair its value on the truncation axis; empty if the grid has none
 */
record Point(TrialSpec spec, String label, String pair) {

  /** All points, the first axis varying slowest. */
  static List<Point> all(SweepConfig config) {
    List<Point> points = new ArrayList<>();
    expand(config, new ArrayList<>(), points);
    return points;
  }

  /** The same for all points that are the same computation, whatever the corpus. */
  String computation() {
    return TrialIdentity.canonicalText(spec, "any");
  }

  private static void expand(SweepConfig config, List<Setting> values, List<Point> points) {
    if (values.size() == config.axes().size()) {
      points.add(point(config, values));
      return;
    }
    for (Setting value : config.axes().get(values.size()).values()) {
      values.add(value);
      expand(config, values, points);
      values.remove(values.size() - 1);
    }
  }

  private static Point point(SweepConfig config, List<Setting> values) {
    TrialSpec spec = config.trial(values);
    StringBuilder label = new StringBuilder(spec.truncation().label());
    int every = spec.training().updateEvery();
    label.append(every == 0 ? "" : " update-every=" + every);
    String pair = "";
    for (int i = 0; i < values.size(); i++) {
      Axis axis = config.axes().get(i);
      if (axis.isTruncation()) {
        pair = values.get(i).text();
      } else if (!axis.isShownByStyle() && axis.values().size() > 1) {
        label.append(' ').append(axis.name()).append('=').append(values.get(i).text());
      }
    }
    return new Point(spec, label.toString(), pair);
  }
}
