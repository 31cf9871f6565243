package org.tbptt.sweep.analysis;

import java.math.BigDecimal;
import java.util.Locale;

/** Numbers as people read them. */
final class DecimalText {

  private DecimalText() {}

  /** 0.0003, not 3.0E-4. */
  static String plain(double number) {
    return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }

  /** Such as 0.002; never -0.000. */
  static String fixed(double number, int decimals) {
    String text = String.format(Locale.ROOT, "%." + decimals + "f", number);
    return text.matches("-[0.]*") ? text.substring(1) : text;
  }

  /** With its sign, such as +0.002; never -0.000. */
  static String signed(double number, int decimals) {
    String text = fixed(number, decimals);
    return text.startsWith("-") ? text : "+" + text;
  }
}
