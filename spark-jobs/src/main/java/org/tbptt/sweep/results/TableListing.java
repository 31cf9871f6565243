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
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What is in the folder of one table and one sweep: its files, and the lists of those that others
 * have replaced.
 */
final class TableListing {

  /** How names of files begin that have replaced others. */
  static final String MERGED = "merged-";

  private static final String LIST = "_replaced-by-";

  private final Path folder;
  private final FileSystem files;

  TableListing(Path folder, FileSystem files) {
    this.folder = folder;
    this.files = files;
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
    Set<String> names = all();
    names.removeIf(name -> name.startsWith(AtomicFile.TEMPORARY));
    return names;
  }

  Path list(String name) {
    return new Path(folder, LIST + name);
  }

  /** What files replace, by the new ones' names; these need not be there. */
  Map<String, Set<String>> lists() throws IOException {
    Map<String, Set<String>> lists = new TreeMap<>();
    for (String name : all()) {
      if (name.startsWith(LIST)) {
        lists.put(name.substring(LIST.length()), read(new Path(folder, name)));
      }
    }
    return lists;
  }

  /** Those new files that no other one replaces. */
  static Set<String> newest(Map<String, Set<String>> lists) {
    Set<String> newest = new TreeSet<>(lists.keySet());
    lists.values().forEach(newest::removeAll);
    return newest;
  }

  /** The names of all that is in the folder; none if there is no folder. */
  Set<String> all() throws IOException {
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
}
