package org.tbptt.sweep.config;

import java.util.List;

/**
 * One axis of the grid.
 *
 * @param key the full key, such as sweep.grid.learning-rate or sweep.grid.model.state-size
 * @param values what it runs through, at least one, in the order written
 */
public record Axis(String key, List<Setting> values) {

  public Axis {
    values = List.copyOf(values);
  }

  /** The key as the grid's section has it: learning-rate, model.state-size. */
  public String name() {
    return key.substring(Keys.GRID.length());
  }

  /** Whether its values are truncation pairs. */
  public boolean isTruncation() {
    return key.equals(Keys.TRUNCATION);
  }

  /** Whether what it decides is told with the style: the style itself, and how often is updated. */
  public boolean isShownByStyle() {
    return key.equals(Keys.STYLE) || Keys.settingOf(key).equals(Keys.UPDATE_EVERY);
  }
}
