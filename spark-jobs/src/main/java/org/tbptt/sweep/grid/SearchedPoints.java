package org.tbptt.sweep.grid;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tbptt.sweep.config.Axis;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.Setting;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.search.Candidate;
import org.tbptt.sweep.search.Space;

/** What a sweep's search chooses from, and the trials that its candidates are. */
public final class SearchedPoints {

  private final SweepConfig config;

  public SearchedPoints(SweepConfig config) {
    this.config = config;
  }

  /** A dimension for each axis with several values. */
  public Space space() {
    return new Space(
        config.axes().stream().filter(SearchedPoints::isSearched).map(Axis::dimension).toList());
  }

  /** A candidate's point; empty if its values are impossible together. */
  public Optional<Point> of(Candidate candidate) {
    Iterator<Double> chosen = candidate.values().iterator();
    List<Setting> values = new ArrayList<>();
    for (Axis axis : config.axes()) {
      values.add(isSearched(axis) ? axis.setting(chosen.next()) : axis.values().get(0));
    }
    try {
      return Optional.of(Point.of(config, values));
    } catch (InvalidConfException impossible) {
      return Optional.empty(); // each is possible by itself, or the corners would not be
    }
  }

  private static boolean isSearched(Axis axis) {
    return axis.values().size() > 1;
  }
}
