package org.tbptt.sweep.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One value and the full key that it was written under. Every reading that fails throws an {@link
 * InvalidConfException} that names key, value, what is allowed and where it was written.
 */
public record Setting(String key, ConfigValue value) {

  private static final Pattern SMALL = Pattern.compile("-?\\d\\.\\d+E-\\d");

  private static final int MOST_SHOWN = 100; // characters of a value

  /** The value as it would be written in a conf file, on one line. */
  public String text() {
    if (is(ConfigValueType.STRING)) {
      return (String) value.unwrapped();
    }
    String rendered = value.render(ConfigRenderOptions.concise());
    return SMALL.matcher(rendered).matches() // 0.0003, not 3.0E-4
        ? new BigDecimal(rendered).stripTrailingZeros().toPlainString()
        : rendered;
  }

  /** A name or a path exactly as written: 1.10 is not 1.1. */
  String written() {
    return is(ConfigValueType.NUMBER) ? value.atKey("it").getString("it") : text();
  }

  boolean is(ConfigValueType type) {
    return value.valueType() == type;
  }

  /**
   * The value in the type of a record's component: a number, a word, true or false, a path or a
   * list of them.
   */
  Object as(Type type) {
    if (type == int.class || type == Integer.class) {
      return wholeNumber(Integer.MIN_VALUE, Integer.MAX_VALUE).intValueExact();
    }
    if (type == long.class) {
      return wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE).longValueExact();
    }
    if (type == double.class) {
      return decimal("a number").doubleValue();
    }
    if (type == boolean.class) {
      return trueOrFalse();
    }
    if (type == String.class) {
      return path();
    }
    if (type instanceof Class<?> choice && choice.isEnum()) {
      return choice((Enum<?>[]) choice.getEnumConstants());
    }
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      Type element = list.getActualTypeArguments()[0];
      return elements().stream().map(each -> each.as(element)).toList();
    }
    throw new AssertionError("no conf value reads as " + type.getTypeName());
  }

  /**
   * A single word, number or quoted text; also an unquoted true, which HOCON reads as a boolean.
   */
  String scalar(String wanted) {
    if (is(ConfigValueType.LIST) || is(ConfigValueType.OBJECT) || is(ConfigValueType.NULL)) {
      throw invalid("must be " + wanted + axisHint());
    }
    return text();
  }

  <E extends Enum<E>> E choice(Class<E> type) {
    return choice(type.getEnumConstants());
  }

  private <E extends Enum<?>> E choice(E[] constants) {
    List<String> words = Arrays.stream(constants).map(SettingNames::word).toList();
    String wanted = SettingNames.alternatives(words);
    int found = words.indexOf(scalar(wanted));
    if (found < 0) {
      throw invalid("must be " + wanted);
    }
    return constants[found];
  }

  /** The elements of a list; a value that is not a list counts as its only element. */
  List<Setting> elements() {
    if (!is(ConfigValueType.LIST)) {
      return List.of(this);
    }
    if (((ConfigList) value).isEmpty()) {
      throw invalid("must have at least one value");
    }
    return ((ConfigList) value).stream().map(each -> new Setting(key, each)).toList();
  }

  InvalidConfException invalid(String allowed) {
    String shown = text().isBlank() ? '"' + text() + '"' : text();
    if (shown.length() > MOST_SHOWN) {
      shown = shown.substring(0, MOST_SHOWN) + "...";
    }
    return new InvalidConfException(key + " = " + shown + ": " + allowed + where());
  }

  /** Where it was written, for messages. */
  String where() {
    return Origins.where(value.origin());
  }

  private boolean trueOrFalse() {
    String wanted = "true or false";
    return switch (scalar(wanted)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid("must be " + wanted);
    };
  }

  private BigDecimal wholeNumber(long least, long most) {
    BigDecimal number = decimal("a whole number");
    // Checked before it is expanded: 1e999999999 has a billion digits.
    boolean tooLong = number.precision() - (long) number.scale() > 19;
    if (!tooLong && number.stripTrailingZeros().scale() > 0) {
      throw invalid("must be a whole number");
    }
    if (tooLong
        || number.compareTo(BigDecimal.valueOf(least)) < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw invalid("must be a whole number from " + least + " to " + most);
    }
    return number;
  }

  private BigDecimal decimal(String wanted) {
    try {
      return new BigDecimal(scalar(wanted));
    } catch (NumberFormatException notANumber) {
      throw invalid("must be " + wanted);
    }
  }

  private String path() {
    if (scalar("a path").isBlank() || written().indexOf('\0') >= 0) {
      throw invalid("must be a path");
    }
    return written();
  }

  private String axisHint() {
    String axis = Keys.axisOf(key);
    return is(ConfigValueType.LIST) && axis != null
        ? "; several values make an axis: " + axis + " = " + text()
        : "";
  }
}
