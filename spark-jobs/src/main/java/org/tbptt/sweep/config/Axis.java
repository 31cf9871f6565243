package org.tbptt.sweep.config;

import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import org.tbptt.sweep.search.Choices;
import org.tbptt.sweep.search.Dimension;
import org.tbptt.sweep.search.Range;

/**
 * One axis of the grid, or of what a search chooses from.
 *
 * @param key the full key, such as sweep.grid.learning-rate or sweep.grid.model.state-size
 * @param values at least one, in the order written; of a range its two ends
 * @param range if it is one; else a search chooses among the values
 */
public record Axis(String key, List<Setting> values, Optional<Range> range) {

  private static final MathContext SHORT = new MathContext(4);

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

  /** What a search chooses from. */
  public Dimension dimension() {
    return range.isPresent() ? range.get() : new Choices(values.size());
  }

  /**
   * The setting that a search has chosen.
   *
   * @param chosen a value of the {@link #dimension}
   */
  public Setting setting(double chosen) {
    if (range.isEmpty()) {
      return values.get((int) chosen);
    }
    boolean whole = Keys.isWhole(key);
    Object number = whole ? (Object) (long) chosen : (Object) chosen;
    return new Setting(key, ConfigValueFactory.fromAnyRef(number, "sweep.search"));
  }

  /** A value for people: of a range's four digits, elsewhere as it was written. */
  public String shown(Setting value) {
    return range.isEmpty() || Keys.isWhole(key)
        ? value.text()
        : new BigDecimal(value.text()).round(SHORT).stripTrailingZeros().toPlainString();
  }
}
