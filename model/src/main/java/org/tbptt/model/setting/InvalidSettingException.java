package org.tbptt.model.setting;

/** A setting has an invalid value. The message names the setting, the value and what is allowed. */
public final class InvalidSettingException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String setting;
  private final String value;
  private final String allowed;

  /**
   * @param setting its key within its section of a conf file, such as state-size
   * @param value its value
   * @param allowed what it must be instead, such as "must be at least 1"
   */
  public InvalidSettingException(String setting, Object value, String allowed) {
    super(setting + " = " + text(value) + ": " + allowed);
    this.setting = setting;
    this.value = text(value);
    this.allowed = allowed;
  }

  /** A whole number is shown without a fraction, as it was written. */
  private static String text(Object value) {
    String text = String.valueOf(value);
    return value instanceof Double && text.endsWith(".0")
        ? text.substring(0, text.length() - ".0".length())
        : text;
  }

  public String setting() {
    return setting;
  }

  public String value() {
    return value;
  }

  public String allowed() {
    return allowed;
  }
}
