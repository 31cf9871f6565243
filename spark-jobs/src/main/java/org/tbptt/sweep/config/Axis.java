package org.tbptt.sweep.config;

import java.util.List;

/**
 * One axis of the grid.
 *
 * @param key the full key, such as sweep.grid.learning-rate or sweep.grid.model.state-size
 * @param values at least one, in the order written
 */
public record Axis(String key, List<Setting> values) {

  public Axis {
    values = List.copyOf(values);
  }

  /** The key within the grid's section: learning-rate, model.state-size. */
  public String name() {
    return key.substring(Keys.GRID.length());
  }

  /** Whether its values are truncation pairs. */
  public boolean isTruncation() {
    return key.equals(Keys.TRUNCATION);
  }

  /** Whether its setting is part of the style's label: the style itself, and update-every. */
  public boolean isShownByStyle() {
    return key.equals(Keys.STYLE) || Keys.settingOf(key).equals(Keys.UPDATE_EVERY);
  }
}
