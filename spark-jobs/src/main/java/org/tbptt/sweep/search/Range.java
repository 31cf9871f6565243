package org.tbptt.sweep.search;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * Numbers from min to max. With a step they are min, min + step, min + 2 step ... up to max. Each
 * has a place from 0 to 1 on the scale; with a step, a cell that reaches half a step to both sides,
 * so that rounding a place gives the ends as much room as the others.
 *
 * @param min the smallest
 * @param max more than min
 * @param scale with log, min is more than 0
 * @param step 0 for none; 1 for whole numbers on a logarithmic scale, no other number there
 */
public record Range(double min, double max, Scale scale, double step) implements Dimension {

  /** Whole numbers up to this are exact in a double. */
  private static final double MOST = 1L << 53;

  public Range {
    requireNonNull(scale, "scale");
    check("min", min, Math.abs(min) <= MOST, "must be a number from -2^53 to 2^53");
    check("max", max, Math.abs(max) <= MOST, "must be a number from -2^53 to 2^53");
    check("min", min, min < max, "must be less than max = " + text(max));
    check("min", min, scale == Scale.LINEAR || min > 0, "must be more than 0 with scale = log");
    check("step", step, step >= 0 && step <= max - min, "must be at most max - min");
    boolean whole = min == Math.rint(min) && (step == 0 || step == 1);
    check(
        "step",
        step,
        scale == Scale.LINEAR || step == 0 || whole,
        "must be left out with scale = log, which has every number, or every whole number");
  }

  private static void check(String word, double value, boolean holds, String allowed) {
    if (!holds) {
      throw new InvalidSettingException(word, text(value), allowed);
    }
  }

  private static String text(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }

  @Override
  public double size() {
    return step == 0 ? Double.POSITIVE_INFINITY : steps() + 1;
  }

  @Override
  public double at(double u) {
    double x = low() + u * (high() - low());
    double value = scale == Scale.LOG ? StrictMath.exp(x) : x;
    if (step > 0) {
      return atStep(Math.rint((value - min) / step));
    }
    return Math.max(min, Math.min(max, value));
  }

  /** The place of a value. */
  double placeOf(double value) {
    return (onScale(value) - low()) / (high() - low());
  }

  /** Where the cell of a value begins; with a step only. */
  double cellFrom(double value) {
    return Math.max(0, placeOf(value - step / 2));
  }

  /** Where it ends. */
  double cellTo(double value) {
    return Math.min(1, placeOf(value + step / 2));
  }

  private double low() {
    return onScale(min - step / 2);
  }

  private double high() {
    return onScale(step == 0 ? max : atStep(steps()) + step / 2);
  }

  /** StrictMath gives the same bits everywhere. */
  private double onScale(double value) {
    return scale == Scale.LOG ? StrictMath.log(value) : value;
  }

  /** In decimals, so that 0.1 and two steps of 0.1 are 0.3. */
  private double atStep(double number) {
    double within = Math.max(0, Math.min(steps(), number));
    return BigDecimal.valueOf(min)
        .add(BigDecimal.valueOf(step).multiply(BigDecimal.valueOf((long) within)))
        .doubleValue();
  }

  /** Steps up to max; what is a hair's breadth less than a whole number is one. */
  private double steps() {
    return Math.floor((max - min) / step * (1 + 1e-12) + 1e-9);
  }
}
