package org.tbptt.sweep.grid;

import java.util.ArrayList;
import java.util.List;
import org.tbptt.model.train.TrialIdentity;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.config.Axis;
import org.tbptt.sweep.config.Setting;
import org.tbptt.sweep.config.SweepConfig;

/**
 * One point of the grid, before equal ones are merged.
 *
 * @param spec what would be trained
 * @param label what tells it from other points: "tf bptt-steps=5 seq-len=5 learning-rate=0.003"
 */
record Point(TrialSpec spec, String label) {

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
      TrialSpec spec = config.trial(values);
      points.add(new Point(spec, label(spec.truncation(), config.axes(), values)));
      return;
    }
    for (Setting value : config.axes().get(values.size()).values()) {
      values.add(value);
      expand(config, values, points);
      values.remove(values.size() - 1);
    }
  }

  private static String label(Truncation truncation, List<Axis> axes, List<Setting> values) {
    StringBuilder label = new StringBuilder(truncation.style());
    label.append(" bptt-steps=").append(truncation.bpttSteps());
    label.append(" seq-len=").append(truncation.seqLen());
    // The first two axes are the truncation and the style.
    for (int i = 2; i < axes.size(); i++) {
      if (axes.get(i).values().size() > 1) {
        label.append(' ').append(axes.get(i).name()).append('=').append(values.get(i).text());
      }
    }
    return label.toString();
  }
}
