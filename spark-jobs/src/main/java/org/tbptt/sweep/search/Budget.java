package org.tbptt.sweep.search;

import java.math.BigDecimal;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * How much a sweep may spend; no trial is started once it is spent.
 *
 * @param epochs of all trials together; 0 for no limit
 * @param hours of a run, by the clock; 0 for no limit
 */
public record Budget(long epochs, double hours) {

  /** No limit. */
  public static final Budget NONE = new Budget(0, 0);

  public Budget {
    if (epochs < 0) {
      throw new InvalidSettingException("epochs", epochs, "must be at least 1, or 0 for no limit");
    }
    if (!(hours >= 0 && hours < Double.POSITIVE_INFINITY)) {
      throw new InvalidSettingException("hours", hours, "must be more than 0, or 0 for no limit");
    }
  }

  /** Its hours in words, such as "0.5 hours" or "1 hour". */
  public String hoursInWords() {
    String number = BigDecimal.valueOf(hours).stripTrailingZeros().toPlainString();
    return number + (number.equals("1") ? " hour" : " hours");
  }
}
