package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Keeps a table at tens of files: as soon as there are {@value #FILES} of a level they become one
 * of the next. A row is thus rewritten once per level, 3 times in 20,000 trials.
 */
final class Compaction {

  static final int FILES = 32;

  private static final Pattern MERGED = Pattern.compile(TableListing.MERGED + "(\\d+)-.*");

  private final Table<?> table;
  private final TableFolder folder;
  private final Configuration hadoop;

  Compaction(Table<?> table, TableFolder folder, Configuration hadoop) {
    this.table = table;
    this.folder = folder;
    this.hadoop = hadoop;
  }

  /**
   * Merges what there is enough of, after deleting what was replaced the last time.
   *
   * @param growing names of files that will be written again, and are left alone
   */
  void run(Set<String> growing) throws IOException {
    folder.deleteReplaced();
    Map<Integer, Set<String>> levels = new TreeMap<>();
    for (String name : folder.names()) {
      if (!growing.contains(name)) {
        levels.computeIfAbsent(level(name), level -> new TreeSet<>()).add(name);
      }
    }
    for (int level = 0; levels.containsKey(level); level++) {
      Set<String> names = levels.get(level);
      if (names.size() >= FILES) {
        String merged = merge(level + 1, names, Set.of());
        levels.computeIfAbsent(level + 1, next -> new TreeSet<>()).add(merged);
      }
    }
  }

  /** Rewrites the files that have rows of these trials without them, if others are left. */
  void remove(Set<String> trialIds) throws IOException {
    folder.deleteReplaced(); // else it would count again without the file that has replaced it
    for (String name : folder.names()) {
      Set<String> there = new HashSet<>(ParquetFile.trialIds(folder.file(name), table, hadoop));
      if (trialIds.containsAll(there)) {
        folder.delete(name);
      } else if (there.stream().anyMatch(trialIds::contains)) {
        merge(level(name), Set.of(name), trialIds);
      }
    }
    folder.deleteReplaced();
  }

  private String merge(int level, Set<String> names, Set<String> without) throws IOException {
    String merged = TableListing.MERGED + level + "-" + UUID.randomUUID();
    List<Path> sources = names.stream().map(folder::file).toList();
    folder.replace(
        merged, names, target -> ParquetFile.merge(sources, target, table, without, hadoop));
    return merged;
  }

  private static int level(String name) {
    Matcher merged = MERGED.matcher(name);
    return merged.matches() ? Integer.parseInt(merged.group(1)) : 0;
  }
}
