package org.tbptt.sweep.results;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

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
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Parquet files of one table and one sweep. Several files become one in four steps, each of
 * which can be the last: a list of what is replaced is written under the new file's name, the new
 * file appears whole, what it replaces is deleted, the list is deleted. Whoever reads goes by the
 * lists, and so sees every row once at any time.
 */
final class TableFolder {

  private static final Logger LOG = LoggerFactory.getLogger(TableFolder.class);

  private static final String SUFFIX = ".parquet";
  private static final String LIST = "_replaced-by-";

  private final Path folder;
  private final Configuration hadoop;
  private final FileSystem files;

  TableFolder(Path folder, Configuration hadoop) throws IOException {
    this.folder = folder;
    this.hadoop = hadoop;
    this.files = folder.getFileSystem(hadoop);
  }

  /** Where a file of that name is or will be. */
  Path file(String name) {
    return new Path(folder, name + SUFFIX);
  }

  /** The names, without suffix, of the files that count, in alphabetical order. */
  Set<String> names() throws IOException {
    while (true) {
      try {
        Set<String> listed = list();
        Set<String> counting = withoutReplaced(listed);
        // A listing can be torn by files that come and go meanwhile.
        if (listed.equals(list())) {
          return counting;
        }
      } catch (FileNotFoundException gone) {
        if (!files.exists(folder)) {
          return Set.of();
        }
      }
    }
  }

  /**
   * Puts one file in the place of others.
   *
   * @param name of the new file, which is not there yet
   * @param replaced names of those whose rows it holds
   * @param write writes it where it is told
   */
  void replace(String name, Set<String> replaced, WholeFile.Writer write) throws IOException {
    Path list = new Path(folder, LIST + name);
    try (FSDataOutputStream out = files.create(list, true)) {
      out.write(String.join("\n", replaced).getBytes(StandardCharsets.UTF_8));
    }
    write.writeTo(file(name));
    finish(list, replaced);
  }

  void delete(String name) throws IOException {
    files.delete(file(name), false);
  }

  /** Ends or undoes what a writer that was killed has begun. */
  void recover() throws IOException {
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus status : files.listStatus(folder)) {
      String name = status.getPath().getName();
      if (name.startsWith(LIST)) {
        boolean done = files.exists(file(name.substring(LIST.length())));
        finish(status.getPath(), done ? read(status.getPath()) : Set.of());
      } else if (name.startsWith(WholeFile.BESIDE)) {
        files.delete(status.getPath(), false);
      }
    }
  }

  /** Why files are not whole, by their names; empty if all are. */
  Map<String, String> damage() throws IOException {
    Map<String, String> damage = new TreeMap<>();
    for (String name : names()) {
      ParquetFile.damage(file(name), hadoop).ifPresent(why -> damage.put(name, why));
    }
    return damage;
  }

  /** Renames damaged files so that nobody takes them for the table's. */
  void setDamagedAside() throws IOException {
    for (Map.Entry<String, String> damage : damage().entrySet()) {
      Path aside = new Path(folder, "_damaged-" + damage.getKey() + SUFFIX);
      WholeFile.move(file(damage.getKey()), aside, hadoop);
      LOG.warn("{} is damaged and set aside: {}", aside, damage.getValue());
    }
  }

  private void finish(Path list, Set<String> replaced) throws IOException {
    for (String name : replaced) {
      delete(name);
    }
    files.delete(list, false);
  }

  private Set<String> list() throws IOException {
    return Arrays.stream(files.listStatus(folder))
        .map(status -> status.getPath().getName())
        .collect(toSet());
  }

  private Set<String> withoutReplaced(Set<String> listed) throws IOException {
    Set<String> replaced = new HashSet<>();
    for (String name : listed) {
      if (name.startsWith(LIST) && listed.contains(name.substring(LIST.length()) + SUFFIX)) {
        replaced.addAll(read(new Path(folder, name)));
      }
    }
    return listed.stream()
        .filter(name -> name.endsWith(SUFFIX) && !name.startsWith("_") && !name.startsWith("."))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
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
