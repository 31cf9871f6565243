package org.tbptt.sweep.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Set;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.sweep.search.Range;
import org.tbptt.sweep.search.Scale;

/** Reads an axis that is a range, {min = 1e-4, max = 1e-2, scale = log}. */
final class RangeReader {

  private static final String MIN = "min";
  private static final String MAX = "max";
  private static final String SCALE = "scale";
  private static final String STEP = "step";
  private static final Set<String> WORDS = Set.of(MIN, MAX, SCALE, STEP);

  private RangeReader() {}

  /** Whether an axis is written as a range; truncation pairs and styles are objects themselves. */
  static boolean isRange(Setting axis) {
    return axis.is(ConfigValueType.OBJECT)
        && !axis.key().equals(Keys.TRUNCATION)
        && !axis.key().equals(Keys.STYLE);
  }

  /**
   * The range.
   *
   * @throws InvalidConfException if the setting has no ranges, or the range is impossible
   */
  static Range read(Setting axis) {
    if (!Keys.isNumber(axis.key())) {
      throw axis.invalid("must be a value or a list: only numbers have ranges");
    }
    ConfigObject object = (ConfigObject) axis.value();
    for (String word : object.keySet()) {
      if (!WORDS.contains(word)) {
        throw axis.invalid("a range has no " + word + "; it has min, max, scale and step");
      }
    }
    if (!object.containsKey(MIN) || !object.containsKey(MAX)) {
      throw axis.invalid("a range must have min and max");
    }
    boolean whole = Keys.isWhole(axis.key());
    Scale scale =
        object.containsKey(SCALE) ? within(axis, SCALE).choice(Scale.class) : Scale.LINEAR;
    double step = object.containsKey(STEP) ? number(within(axis, STEP), whole) : whole ? 1 : 0;
    if (step <= 0 && object.containsKey(STEP)) {
      throw within(axis, STEP).invalid("must be more than 0");
    }
    try {
      return new Range(
          number(within(axis, MIN), whole), number(within(axis, MAX), whole), scale, step);
    } catch (InvalidSettingException wrong) {
      Setting setting = object.containsKey(wrong.setting()) ? within(axis, wrong.setting()) : axis;
      throw setting.invalid(wrong.allowed());
    }
  }

  /** Its ends, as values of the axis. */
  static List<Setting> ends(Setting axis) {
    ConfigObject object = (ConfigObject) axis.value();
    return List.of(value(axis, object.get(MIN)), value(axis, object.get(MAX)));
  }

  /**
   * Its upper end, as a setting.
   *
   * @throws InvalidConfException as {@link #read} does
   */
  static Setting max(Setting axis) {
    read(axis);
    return within(axis, MAX);
  }

  private static double number(Setting setting, boolean whole) {
    return whole
        ? ((Long) setting.as(long.class)).doubleValue()
        : (double) setting.as(double.class);
  }

  private static Setting value(Setting axis, ConfigValue value) {
    return new Setting(axis.key(), value);
  }

  private static Setting within(Setting axis, String word) {
    return new Setting(axis.key() + "." + word, ((ConfigObject) axis.value()).get(word));
  }
}
