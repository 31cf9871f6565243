package org.tbptt.sweep.results;

import static java.util.stream.Collectors.toCollection;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Parquet files of one table and one sweep. Several files become one in four steps, each of
 * which can be the last: a list of what is replaced is written under the new file's name, the new
 * file appears whole; when the next are merged, what it replaces is deleted and then the list.
 * Whoever reads goes by the lists, and so sees every row once at any time; whoever has begun to
 * read what is replaced has until then to end.
 */
final class TableFolder {

  private static final Logger LOG = LoggerFactory.getLogger(TableFolder.class);

  /** How names of files begin that have replaced others. */
  static final String MERGED = "merged-";

  private static final String LIST = "_replaced-by-";

  private final Path folder;
  private final Configuration hadoop;
  private final Runnable fence;
  private final FileSystem files;

  /**
   * @param fence as in {@link ResultsStore#fencedBy}
   */
  TableFolder(Path folder, Configuration hadoop, Runnable fence) throws IOException {
    this.folder = folder;
    this.hadoop = hadoop;
    this.fence = fence;
    this.files = folder.getFileSystem(hadoop);
  }

  /** Where a file of that name is or will be. */
  Path file(String name) {
    return new Path(folder, name + Layout.PARQUET);
  }

  /** The names, without suffix, of the files that count, in alphabetical order. */
  Set<String> names() throws IOException {
    while (true) {
      Set<String> listed = listFinished();
      try {
        Set<String> counting = withoutReplaced(listed);
        if (!isTorn(listed, listFinished())) {
          return counting;
        }
      } catch (FileNotFoundException gone) {
        // What a list named has been deleted, and the list: they are looked up anew.
        if (listFinished().containsAll(listed)) {
          throw gone; // it is listed, but cannot be opened
        }
      }
    }
  }

  /**
   * Whether files were replaced while a folder was listed, so that both or neither may have been
   * seen. New trials come all the time, and do no harm.
   */
  private static boolean isTorn(Set<String> listed, Set<String> later) {
    return !later.containsAll(listed)
        || later.stream()
            .filter(name -> name.startsWith(MERGED) || name.startsWith(LIST))
            .anyMatch(name -> !listed.contains(name));
  }

  private Set<String> listFinished() throws IOException {
    Set<String> names = list();
    names.removeIf(name -> name.startsWith(AtomicFile.TEMPORARY));
    return names;
  }

  /**
   * Reads the files that count and are whole, anew if one of them is replaced and deleted
   * meanwhile. Those that are not whole are named.
   */
  <T> T read(Reading<T> reading) throws IOException {
    while (true) {
      Set<String> names = names();
      try {
        Map<String, String> damage = damage(names);
        damage.forEach((name, why) -> LOG.warn("{} is damaged and left out: {}", file(name), why));
        return reading.of(
            names.stream().filter(name -> !damage.containsKey(name)).map(this::file).toList());
      } catch (FileNotFoundException gone) {
        if (names().containsAll(names)) {
          throw gone; // it is listed, but cannot be opened
        }
      }
    }
  }

  /**
   * Writes a file, in place of one that was there.
   *
   * @param writer writes it where it is told
   * @throws IOException if the file system refuses; what was there is as it was
   */
  void write(String name, AtomicFile.Writer writer) throws IOException {
    write(file(name), writer);
  }

  /**
   * Another driver that has taken over before the fence is seen there. One that takes over later
   * finds the temporary file or in its place: {@link #recover} deletes the one or counts the other.
   */
  private void write(Path target, AtomicFile.Writer writer) throws IOException {
    try {
      AtomicFile.write(
          target,
          hadoop,
          temporary -> {
            writer.writeTo(temporary);
            fence.run();
          });
    } catch (FileNotFoundException deleted) {
      fence.run();
      throw deleted;
    }
  }

  /**
   * Puts one file in the place of others, which stay until {@link #deleteReplaced}.
   *
   * @param name of the new file, which is not there yet; begins with {@value #MERGED}
   * @param replaced names of those whose rows it holds
   * @param writer writes it where it is told
   */
  void replace(String name, Set<String> replaced, AtomicFile.Writer writer) throws IOException {
    write(
        list(name),
        temporary -> {
          try (FSDataOutputStream out = files.create(temporary)) {
            out.write(String.join("\n", replaced).getBytes(StandardCharsets.UTF_8));
          }
        });
    write(name, writer);
  }

  /** Deletes what was replaced, where the new file is whole. Any number may do so at a time. */
  void deleteReplaced() throws IOException {
    Map<String, Set<String>> lists = lists();
    for (String name : newest(lists)) {
      if (isWhole(name)) {
        deleteReplaced(name, lists);
      }
    }
  }

  /** With what the replaced files had replaced themselves first, lest it count again. */
  private void deleteReplaced(String name, Map<String, Set<String>> lists) throws IOException {
    if (lists.containsKey(name)) {
      for (String replaced : lists.get(name)) {
        deleteReplaced(replaced, lists);
        delete(replaced);
      }
      delete(list(name));
    }
  }

  void delete(String name) throws IOException {
    delete(file(name));
  }

  private void delete(Path file) throws IOException {
    fence.run();
    files.delete(file, false);
  }

  /**
   * Ends or undoes what a writer that was killed has begun.
   *
   * @return whether a new file was set aside as damaged, so that those count that it replaced
   */
  boolean recover() throws IOException {
    boolean damaged = false;
    deleteReplaced();
    for (Map<String, Set<String>> undone = lists(); !undone.isEmpty(); undone = lists()) {
      for (String name : newest(undone)) {
        if (files.exists(file(name))) {
          setAside(name, Damage.of(file(name), hadoop).orElseThrow());
          damaged = true;
        }
        delete(list(name));
      }
      deleteReplaced();
    }
    for (String name : list()) {
      if (name.startsWith(AtomicFile.TEMPORARY)) {
        delete(new Path(folder, name));
      }
    }
    return damaged;
  }

  /** Why files are not whole, by their names; empty if all are. */
  Map<String, String> damage() throws IOException {
    return damage(names());
  }

  private Map<String, String> damage(Set<String> names) throws IOException {
    Map<String, String> damage = new TreeMap<>();
    for (String name : names) {
      Damage.of(file(name), hadoop).ifPresent(why -> damage.put(name, why));
    }
    return damage;
  }

  private boolean isWhole(String name) throws IOException {
    return files.exists(file(name)) && Damage.of(file(name), hadoop).isEmpty();
  }

  /** Renames damaged files so that nobody takes them for the table's. */
  void setDamagedAside() throws IOException {
    for (Map.Entry<String, String> damage : damage().entrySet()) {
      setAside(damage.getKey(), damage.getValue());
    }
  }

  private void setAside(String name, String why) throws IOException {
    Path aside = new Path(folder, "_damaged-" + name + Layout.PARQUET);
    fence.run();
    AtomicFile.move(file(name), aside, hadoop);
    LOG.warn("{} is damaged and set aside: {}", aside, why);
  }

  private Path list(String name) {
    return new Path(folder, LIST + name);
  }

  /** What files replace, by the new ones' names; these need not be there. */
  private Map<String, Set<String>> lists() throws IOException {
    Map<String, Set<String>> lists = new TreeMap<>();
    for (String name : list()) {
      if (name.startsWith(LIST)) {
        lists.put(name.substring(LIST.length()), read(new Path(folder, name)));
      }
    }
    return lists;
  }

  /** Those new files that no other one replaces. */
  private static Set<String> newest(Map<String, Set<String>> lists) {
    Set<String> newest = new TreeSet<>(lists.keySet());
    lists.values().forEach(newest::removeAll);
    return newest;
  }

  /** The names of all that is in the folder; none if there is no folder. */
  private Set<String> list() throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .map(status -> status.getPath().getName())
          .collect(toCollection(HashSet::new));
    } catch (FileNotFoundException none) {
      return new HashSet<>();
    }
  }

  private Set<String> withoutReplaced(Set<String> listed) throws IOException {
    Set<String> replaced = new HashSet<>();
    for (String name : listed) {
      if (name.startsWith(LIST)
          && listed.contains(name.substring(LIST.length()) + Layout.PARQUET)) {
        replaced.addAll(read(new Path(folder, name)));
      }
    }
    return listed.stream()
        .filter(
            name -> name.endsWith(Layout.PARQUET) && !name.startsWith("_") && !name.startsWith("."))
        .map(name -> name.substring(0, name.length() - Layout.PARQUET.length()))
        .filter(name -> !replaced.contains(name))
        .collect(toCollection(TreeSet::new));
  }

  private Set<String> read(Path list) throws IOException {
    try (FSDataInputStream in = files.open(list)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new HashSet<>(List.of(text.split("\n")));
    }
  }

  /** What is made of files. */
  interface Reading<T> {
    T of(List<Path> whole) throws IOException;
  }
}
