package org.tbptt.sweep.config;

import static java.util.stream.Collectors.joining;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * Reads a section of settings into a record: the component stateSize is the key state-size. Records
 * check themselves; their messages are passed on with the key and its place.
 */
final class RecordReader {

  private RecordReader() {}

  /**
   * A component that is itself a record is a section of its own: schedule.kind.
   *
   * @throws InvalidConfException when a setting is missing or is not of its component's type, or
   *     the record rejects it
   */
  static <R extends Record> R read(Class<R> type, String section, Settings settings) {
    Map<String, Setting> byWord = new LinkedHashMap<>();
    Object[] values =
        Arrays.stream(type.getRecordComponents())
            .map(
                component -> {
                  String word = SettingNames.word(component.getName());
                  String key = section + "." + word;
                  if (component.getType().isRecord()) {
                    return read(component.getType().asSubclass(Record.class), key, settings);
                  }
                  byWord.put(word, settings.get(key));
                  return settings.get(key).as(component.getGenericType());
                })
            .toArray();
    return make(type, section, values, byWord);
  }

  /**
   * One object that stands in a list, {bptt-steps = 5, seq-len = 20}.
   *
   * @throws InvalidConfException as above, and when it has other keys
   */
  static <R extends Record> R read(Class<R> type, Setting object) {
    String wanted =
        "must be "
            + SettingNames.of(type).stream()
                .map(word -> word + " = ...")
                .collect(joining(", ", "{", "}"));
    if (!object.is(ConfigValueType.OBJECT)) {
      throw object.invalid(wanted);
    }
    Map<String, Setting> byWord = new LinkedHashMap<>();
    ((ConfigObject) object.value())
        .forEach((word, value) -> byWord.put(word, new Setting(object.key() + "." + word, value)));
    if (!byWord.keySet().equals(SettingNames.of(type))) {
      throw object.invalid(wanted);
    }
    return read(type, object.key(), byWord);
  }

  /**
   * Settings by their components' words, wherever they were written.
   *
   * @throws InvalidConfException when one is not of its component's type, or the record rejects it
   */
  static <R extends Record> R read(Class<R> type, String section, Map<String, Setting> byWord) {
    Object[] values =
        Arrays.stream(type.getRecordComponents())
            .map(each -> byWord.get(SettingNames.word(each.getName())).as(each.getGenericType()))
            .toArray();
    return make(type, section, values, byWord);
  }

  private static <R extends Record> R make(
      Class<R> type, String section, Object[] values, Map<String, Setting> byWord) {
    try {
      return constructor(type).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException reason) {
        throw rejected(reason, section, byWord);
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** A record's message, with the key of the setting and where it was written. */
  static InvalidConfException rejected(
      IllegalArgumentException reason, String section, Map<String, Setting> byWord) {
    if (reason instanceof InvalidSettingException wrong && byWord.containsKey(wrong.setting())) {
      Setting setting = byWord.get(wrong.setting());
      return new InvalidConfException(
          "%s = %s: %s%s".formatted(setting.key(), wrong.value(), wrong.allowed(), setting.where()),
          reason);
    }
    return new InvalidConfException(section + ": " + reason.getMessage(), reason);
  }

  private static <R extends Record> Constructor<R> constructor(Class<R> type)
      throws NoSuchMethodException {
    return type.getDeclaredConstructor(
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new));
  }
}
