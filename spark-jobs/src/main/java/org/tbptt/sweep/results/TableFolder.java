package org.tbptt.sweep.results;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
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

  private static final int MOST_FAILURES = 3;

  private final Path folder;
  private final Configuration hadoop;
  private final Runnable fence;
  private final boolean ownNames;
  private final FileSystem files;
  private final TableListing listing;

  /**
   * @param fence as in {@link ResultsStore#fencedBy}
   * @param ownNames whether no other driver writes files of the same names
   */
  TableFolder(Path folder, Configuration hadoop, Runnable fence, boolean ownNames)
      throws IOException {
    this.folder = folder;
    this.hadoop = hadoop;
    this.fence = fence;
    this.ownNames = ownNames;
    this.files = folder.getFileSystem(hadoop);
    this.listing = new TableListing(folder, files);
  }

  /** Where a file of that name is or will be. */
  Path file(String name) {
    return new Path(folder, name + Layout.PARQUET);
  }

  /** As in {@link TableListing#names}. */
  Set<String> names() throws IOException {
    return listing.names();
  }

  /**
   * Reads the files that count and are whole, again if one of them is replaced meanwhile. Those
   * that are not whole are named.
   */
  <T> T read(Reading<T> reading) throws IOException {
    for (int failures = 0; ; ) {
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
      } catch (IOException | RuntimeException torn) {
        // Half of what was read may have been of the file that has replaced the other.
        if (++failures == MOST_FAILURES) {
          throw torn instanceof IOException of ? of : new IOException(torn.getMessage(), torn);
        }
        LockSupport.parkNanos(Damage.BEFORE_ANOTHER_LOOK);
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
    if (AtomicFile.isInObjectStore(target, hadoop)) {
      store(target, writer);
      return;
    }
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
   * In an object store nothing keeps a driver that was suspended after the fence from storing its
   * file later. It then takes the file away itself, if it is of a name that no other driver uses.
   */
  private void store(Path target, AtomicFile.Writer writer) throws IOException {
    AtomicFile.write(
        target,
        hadoop,
        temporary -> {
          writer.writeTo(temporary);
          fence.run();
        });
    try {
      fence.run();
    } catch (RuntimeException lost) {
      if (ownNames) {
        files.delete(target, false);
      }
      throw lost;
    }
  }

  /**
   * Puts one file in the place of others, which stay until {@link #deleteReplaced}.
   *
   * @param name of the new file, which is not there yet; begins with {@value TableListing#MERGED}
   * @param replaced names of those whose rows it holds
   * @param writer writes it where it is told
   */
  void replace(String name, Set<String> replaced, AtomicFile.Writer writer) throws IOException {
    write(
        listing.list(name),
        temporary -> {
          try (FSDataOutputStream out = temporary.getFileSystem(hadoop).create(temporary)) {
            out.write(String.join("\n", replaced).getBytes(StandardCharsets.UTF_8));
          }
        });
    write(name, writer);
  }

  /** Deletes what was replaced, where the new file is whole. Any number may do so at a time. */
  void deleteReplaced() throws IOException {
    Map<String, Set<String>> lists = listing.lists();
    for (String name : TableListing.newest(lists)) {
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
      delete(listing.list(name));
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
   * @return new files that were set aside as damaged, so that those count that they replaced; a
   *     line each
   */
  List<String> recover() throws IOException {
    List<String> damaged = new ArrayList<>();
    deleteReplaced();
    for (Map<String, Set<String>> undone = listing.lists();
        !undone.isEmpty();
        undone = listing.lists()) {
      for (String name : TableListing.newest(undone)) {
        if (files.exists(file(name))) {
          damaged.add(setAside(name, Damage.of(file(name), hadoop).orElseThrow()));
        }
        delete(listing.list(name));
      }
      deleteReplaced();
    }
    for (String name : listing.all()) {
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

  /** Renames damaged files so that nobody takes them for the table's; a line each. */
  List<String> setDamagedAside() throws IOException {
    List<String> damaged = new ArrayList<>();
    for (Map.Entry<String, String> damage : damage().entrySet()) {
      damaged.add(setAside(damage.getKey(), damage.getValue()));
    }
    return damaged;
  }

  private String setAside(String name, String why) throws IOException {
    Path aside = new Path(folder, "_damaged-" + name + Layout.PARQUET);
    fence.run();
    AtomicFile.move(file(name), aside, hadoop);
    return "%s is damaged and set aside: %s".formatted(aside, why);
  }

  /** What is made of files. */
  interface Reading<T> {
    T of(List<Path> whole) throws IOException;
  }
}
