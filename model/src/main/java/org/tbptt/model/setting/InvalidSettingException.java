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
    super(setting + " = " + value + ": " + allowed);
    this.setting = setting;
    this.value = String.valueOf(value);
    this.allowed = allowed;
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
