package org.tbptt.model.tensors;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON at the beginning of a safetensors file: the matrices and the positions of their bytes.
 * Parsed token by token, so that anything that the format does not allow is rejected.
 *
 * @param metadata text by name, the digest included
 * @param entries in the order of their bytes
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {

  static final String METADATA = "__metadata__";

  private static final String TYPE = "F32";

  /**
   * One matrix of 4-byte floats.
   *
   * @param begin its first byte, counted from the end of the header
   */
  record Entry(String name, int rows, int columns, long begin) {
    long bytes() {
      return (long) Float.BYTES * rows * columns;
    }

    long end() {
      return begin + bytes();
    }
  }

  /** Bytes of all matrices together. */
  long dataBytes() {
    return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
  }

  String json() {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject().name(METADATA).beginObject();
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.name(entry.getKey()).value(entry.getValue());
      }
      json.endObject();
      for (Entry entry : entries) {
        json.name(entry.name()).beginObject().name("dtype").value(TYPE);
        json.name("shape").beginArray().value(entry.rows()).value(entry.columns()).endArray();
        json.name("data_offsets").beginArray().value(entry.begin()).value(entry.end()).endArray();
        json.endObject();
      }
      json.endObject();
    } catch (IOException impossible) {
      throw new AssertionError("text in memory", impossible);
    }
    return text.toString();
  }

  /**
   * @throws TensorFormatException unless it is the header of matrices of F32 whose bytes follow one
   *     another without gap or overlap
   */
  static SafetensorsHeader parse(String text) throws TensorFormatException {
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      Map<String, String> metadata = new LinkedHashMap<>();
      Map<String, Entry> entries = new LinkedHashMap<>();
      boolean described = false;
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (name.equals(METADATA)) {
          refuseIf(described, METADATA + " occurs twice");
          described = true;
          readMetadata(json, metadata);
        } else {
          refuseIf(entries.put(name, readEntry(json, name)) != null, name + " occurs twice");
        }
      }
      json.endObject();
      refuseIf(json.peek() != JsonToken.END_DOCUMENT, "unexpected data after the header");
      return new SafetensorsHeader(metadata, inOrder(entries.values()));
    } catch (TensorFormatException refused) {
      throw refused;
    } catch (MalformedJsonException | EOFException | RuntimeException malformed) {
      // JsonReader throws IllegalStateException and NumberFormatException for values of other
      // kinds.
      throw new TensorFormatException("the header is not that of a safetensors file", malformed);
    } catch (IOException impossible) {
      throw new AssertionError("text in memory", impossible);
    }
  }

  private static void readMetadata(JsonReader json, Map<String, String> metadata)
      throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      refuseIf(json.peek() != JsonToken.STRING, METADATA + "." + name + " is not text");
      refuseIf(metadata.put(name, json.nextString()) != null, name + " occurs twice");
    }
    json.endObject();
  }

  private static Entry readEntry(JsonReader json, String name) throws IOException {
    String type = null;
    long[] shape = null;
    long[] offsets = null;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "dtype" -> type = json.nextString();
        case "shape" -> shape = readTwo(json);
        case "data_offsets" -> offsets = readTwo(json);
        default -> throw new TensorFormatException(name + " has a property that is not known");
      }
    }
    json.endObject();
    refuseIf(!TYPE.equals(type), name + " is of type " + type + ", must be " + TYPE);
    refuseIf(shape == null || offsets == null, name + " has no shape or no data_offsets");
    for (long size : shape) {
      refuseIf(
          size < 1 || size > Integer.MAX_VALUE,
          name + " has a side of " + size + ", must be 1..2^31-1");
    }
    Entry entry = new Entry(name, (int) shape[0], (int) shape[1], offsets[0]);
    refuseIf(
        (long) entry.rows() * entry.columns() > Integer.MAX_VALUE,
        name + " has more than 2^31-1 elements");
    refuseIf(
        offsets[0] < 0 || offsets[1] != entry.end(),
        "%s of (%d, %d) cannot be at bytes %d to %d"
            .formatted(name, entry.rows(), entry.columns(), offsets[0], offsets[1]));
    return entry;
  }

  private static long[] readTwo(JsonReader json) throws IOException {
    json.beginArray();
    long[] two = {readWhole(json), readWhole(json)};
    json.endArray();
    return two;
  }

  /** JsonReader would take "7" and 7.0 for whole numbers, too. */
  private static long readWhole(JsonReader json) throws IOException {
    refuseIf(json.peek() != JsonToken.NUMBER, "a size or an offset is not a number");
    return Long.parseLong(json.nextString());
  }

  private static List<Entry> inOrder(Iterable<Entry> entries) throws TensorFormatException {
    List<Entry> sorted = new ArrayList<>();
    entries.forEach(sorted::add);
    sorted.sort(Comparator.comparingLong(Entry::begin));
    long end = 0;
    for (Entry entry : sorted) {
      refuseIf(
          entry.begin() != end,
          "%s begins at %d, but the matrix before it ends at %d"
              .formatted(entry.name(), entry.begin(), end));
      end = entry.end();
    }
    return sorted;
  }

  private static void refuseIf(boolean wrong, String message) throws TensorFormatException {
    if (wrong) {
      throw new TensorFormatException(message);
    }
  }
}
