package org.tbptt.model.store;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.tbptt.model.tensors.TensorFormatException;

/**
 * Converts records to named texts and back: the component learningRate of the component training is
 * "training.learning-rate". Components are numbers, booleans, texts, enum constants, records, or
 * interfaces sealed over records, whose name is then stored, too. Reading creates only these types,
 * through the records' own constructors.
 */
final class RecordText {

  private RecordText() {}

  static void write(Record record, Map<String, String> into) {
    write("", record, into);
  }

  private static void write(String prefix, Record record, Map<String, String> into) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String name = prefix + word(component.getName());
      Object value = valueOf(component, record);
      if (value instanceof Record inner) {
        if (component.getType().isSealed()) {
          into.put(name, inner.getClass().getSimpleName());
        }
        write(name + ".", inner, into);
      } else if (value instanceof Enum<?> constant) {
        into.put(name, constant.name());
      } else {
        into.put(name, value.toString());
      }
    }
  }

  /**
   * @param defaults for missing texts
   * @throws TensorFormatException if a text is missing that has no default, is not of its
   *     component's type, or is no component's
   * @throws IllegalArgumentException if a record's constructor does
   */
  static <R extends Record> R read(
      Class<R> type, Map<String, String> from, Map<String, String> defaults)
      throws TensorFormatException {
    Map<String, String> rest = new LinkedHashMap<>(from);
    R record = type.cast(read("", type, rest, defaults));
    for (Map.Entry<String, String> more : rest.entrySet()) {
      throw unknown(more.getKey(), more.getValue(), null);
    }
    return record;
  }

  /** Removes the texts that it reads. */
  private static Object read(
      String prefix, Class<?> type, Map<String, String> from, Map<String, String> defaults)
      throws TensorFormatException {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = prefix + word(components[i].getName());
      values[i] = value(name, components[i].getType(), from, defaults);
    }
    try {
      return constructor(type, components).newInstance(values);
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException reason) {
        throw reason;
      }
      throw new AssertionError(refused);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Object value(
      String name, Class<?> type, Map<String, String> from, Map<String, String> defaults)
      throws TensorFormatException {
    if (type.isRecord()) {
      return read(name + ".", type, from, defaults);
    }
    String told = from.remove(name);
    String text = told == null ? defaults.get(name) : told;
    if (text == null) {
      throw new TensorFormatException("the file has no " + name);
    }
    if (type.isSealed() && !type.isEnum()) { // enums with bodies are sealed, too
      Class<?> record =
          Arrays.stream(type.getPermittedSubclasses())
              .filter(each -> each.getSimpleName().equals(text))
              .findFirst()
              .orElseThrow(() -> unknown(name, text, null));
      return read(name + ".", record, from, defaults);
    }
    try {
      return parse(type, text);
    } catch (IllegalArgumentException malformed) {
      throw unknown(name, text, malformed);
    }
  }

  private static Object parse(Class<?> type, String text) {
    if (type == String.class) {
      return text;
    } else if (type == int.class) {
      return Integer.valueOf(text);
    } else if (type == long.class) {
      return Long.valueOf(text);
    } else if (type == double.class) {
      return Double.valueOf(text);
    } else if (type == boolean.class) {
      return Boolean.valueOf(text);
    } else if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> ((Enum<?>) constant).name().equals(text))
          .findFirst()
          .orElseThrow(IllegalArgumentException::new);
    }
    throw new AssertionError("no text stands for a " + type);
  }

  private static TensorFormatException unknown(String name, String text, Exception cause) {
    return new TensorFormatException(
        "the file's %s is '%s', which this version does not know".formatted(name, text), cause);
  }

  /** The component bpttSteps is written bptt-steps, as in conf files. */
  private static String word(String component) {
    return component.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static Object valueOf(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Constructor<?> constructor(Class<?> type, RecordComponent[] components)
      throws NoSuchMethodException {
    return type.getDeclaredConstructor(
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
  }
}
