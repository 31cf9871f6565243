package org.tbptt.sweep.config;

import static java.util.stream.Collectors.joining;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tbptt.model.setting.InvalidSettingException;

/**
 * Reads a section of settings into a record: the component stateSize is the key state-size. Records
 * check themselves; their messages are passed on with the key and its place.
 */
final class RecordReader {

  /** What a record is made of. Every point of a grid is read, and reflection is slow. */
  private record Shape(List<RecordComponent> components, Constructor<?> constructor) {

    static Shape of(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      try {
        return new Shape(
            List.of(components),
            type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new)));
      } catch (NoSuchMethodException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
  }

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

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
        SHAPES.get(type).components().stream()
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
        SHAPES.get(type).components().stream()
            .map(each -> byWord.get(SettingNames.word(each.getName())).as(each.getGenericType()))
            .toArray();
    return make(type, section, values, byWord);
  }

  private static <R extends Record> R make(
      Class<R> type, String section, Object[] values, Map<String, Setting> byWord) {
    try {
      return type.cast(SHAPES.get(type).constructor().newInstance(values));
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
}
