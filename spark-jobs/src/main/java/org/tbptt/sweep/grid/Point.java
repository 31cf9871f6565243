package org.tbptt.sweep.grid;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.sweep.config.Axis;
import org.tbptt.sweep.config.Setting;
import org.tbptt.sweep.config.SweepConfig;

/**
 * One point of the grid, before equal ones are merged, or of a search.
 *
 * @param spec what would be trained
 * @param label the settings in which it differs from others: "tf bptt-steps=5 seq-len=5
 *     learning-rate=0.003"
 * @param pair its value on the truncation axis; empty if the grid has none
 */
public record Point(TrialSpec spec, String label, String pair) {

  /** So many corners of a search's space are looked at. */
  private static final long MOST_CORNERS = 10_000;

  /**
   * All points, the first axis varying slowest; of a search the corners of its space, or if those
   * are many, one for each value of each axis.
   */
  static List<Point> all(SweepConfig config) {
    List<Point> points = new ArrayList<>();
    double corners =
        config.axes().stream().mapToDouble(axis -> axis.values().size()).reduce(1, (a, b) -> a * b);
    if (config.search().isGrid() || corners <= MOST_CORNERS) {
      expand(config, new ArrayList<>(), points);
      return points;
    }
    List<Setting> first = config.axes().stream().map(axis -> axis.values().get(0)).toList();
    for (int axis = 0; axis < first.size(); axis++) {
      for (Setting value : config.axes().get(axis).values()) {
        List<Setting> values = new ArrayList<>(first);
        values.set(axis, value);
        points.add(of(config, values));
      }
    }
    return points;
  }

  /** The same for all points that are the same computation, whatever the corpus. */
  String computation() {
    return TrialIdentity.canonicalText(spec, "any");
  }

  private static void expand(SweepConfig config, List<Setting> values, List<Point> points) {
    if (values.size() == config.axes().size()) {
      points.add(of(config, values));
      return;
    }
    for (Setting value : config.axes().get(values.size()).values()) {
      values.add(value);
      expand(config, values, points);
      values.remove(values.size() - 1);
    }
  }

  /**
   * @param values one of each axis
   * @throws org.tbptt.sweep.config.InvalidConfException if they are impossible together
   */
  static Point of(SweepConfig config, List<Setting> values) {
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
        label.append(' ').append(axis.name()).append('=').append(axis.shown(values.get(i)));
      }
    }
    return new Point(spec, label.toString(), pair);
  }
}
