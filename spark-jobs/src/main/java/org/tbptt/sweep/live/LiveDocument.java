package org.tbptt.sweep.live;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What a page shows, and since when: JSON, each part with the version at which it last changed. A
 * reader that has seen a version gets the newest state of what changed after it, however many
 * versions that were. The writer never waits for readers.
 */
final class LiveDocument {

  /** Members that are many rows by name; a row is a part of its own. All others are one part. */
  static final List<String> TABLES = List.of("trials", "curves", "diagnoses", "running");

  private static final int KEPT_UPDATES = 8; // many readers ask for the same

  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Map<String, Map<String, Part>> tables = new LinkedHashMap<>();
  private long version;
  private boolean closed;
  private final Map<Long, Update> updates = new HashMap<>(); // by the version that a reader knows

  private record Part(long version, JsonElement json) {}

  /**
   * What a reader has to change.
   *
   * @param version that it knows then
   * @param last whether there will be no more
   */
  record Update(long version, String json, boolean last) {}

  LiveDocument() {
    TABLES.forEach(name -> tables.put(name, new LinkedHashMap<>()));
  }

  /**
   * Changes parts; those that it does not name stay. A row that is null is removed.
   *
   * @param changes a member is a part, or of {@link #TABLES} an object of rows by name
   */
  synchronized void put(JsonObject changes) {
    long next = version + 1;
    for (Map.Entry<String, JsonElement> member : changes.entrySet()) {
      Map<String, Part> table = tables.get(member.getKey());
      if (table == null) {
        put(parts, member, next);
      } else {
        member.getValue().getAsJsonObject().entrySet().forEach(row -> put(table, row, next));
      }
    }
    notifyAll();
  }

  /** As {@link #put}, but rows that are not named are removed. */
  synchronized void replace(JsonObject all) {
    JsonObject changes = all.deepCopy();
    for (String name : TABLES) {
      if (changes.has(name)) {
        JsonObject rows = changes.getAsJsonObject(name);
        tables.get(name).keySet().stream()
            .filter(row -> !rows.has(row))
            .toList()
            .forEach(row -> rows.add(row, JsonNull.INSTANCE));
      }
    }
    put(changes);
  }

  /** Changes parts a last time. */
  synchronized void close(JsonObject changes) {
    put(changes);
    closed = true;
    updates.clear();
    notifyAll();
  }

  synchronized long version() {
    return version;
  }

  synchronized int keptUpdates() {
    return updates.size();
  }

  /** All of it as the page's data; empty while there is nothing. */
  synchronized Optional<Update> whole() {
    return version == 0 ? Optional.empty() : Optional.of(since(0));
  }

  /**
   * Waits until there is something new.
   *
   * @param since the version that the reader knows
   * @return empty if there was nothing new for that long
   */
  synchronized Optional<Update> next(long since, long milliseconds) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    while (version <= since && !closed) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (left <= 0) {
        return Optional.empty();
      }
      wait(left);
    }
    return Optional.of(since(since));
  }

  /** Waits for some time, or until there will be no more changes. */
  synchronized void awaitClosed(long milliseconds) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    for (long left = milliseconds; left > 0 && !closed; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    }
  }

  private Update since(long since) {
    if (updates.size() == KEPT_UPDATES && !updates.containsKey(since)) {
      updates.clear();
    }
    return updates.computeIfAbsent(since, this::make);
  }

  private Update make(long since) {
    JsonObject json = changedIn(parts, since);
    tables.forEach(
        (name, rows) -> {
          JsonObject changed = changedIn(rows, since);
          if (changed.size() > 0 || since == 0) {
            json.add(name, changed);
          }
        });
    return new Update(version, GSON.toJson(json), closed);
  }

  private static JsonObject changedIn(Map<String, Part> parts, long since) {
    JsonObject changed = new JsonObject();
    parts.forEach(
        (name, part) -> {
          // Who begins now has nothing to remove.
          if (part.version() > since && !(since == 0 && part.json().isJsonNull())) {
            changed.add(name, part.json());
          }
        });
    return changed;
  }

  private void put(Map<String, Part> parts, Map.Entry<String, JsonElement> entry, long next) {
    Part known = parts.get(entry.getKey());
    boolean unknown = known == null && entry.getValue().isJsonNull();
    if (!unknown && (known == null || !known.json().equals(entry.getValue()))) {
      parts.put(entry.getKey(), new Part(next, entry.getValue()));
      version = next;
      updates.clear();
    }
  }
}
