package org.tbptt.sweep.results;

import static java.util.stream.Collectors.toSet;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.tbptt.model.store.StoredModel;

/**
 * The kept models of all sweeps, models/sweep=S/TRIAL_ID.safetensors under the results. While a
 * trial runs, models of its best epochs are beside its checkpoints; what is kept is one of those,
 * moved.
 */
public final class ModelStore {

  private static final String RUNNING = "model-";

  private final Layout layout;
  private final Configuration hadoop;

  /** A kept model's file. */
  record Kept(String sweep, String trialId, String uri) {}

  ModelStore(Layout layout, Configuration hadoop) {
    this.layout = layout;
    this.hadoop = hadoop;
  }

  /** The name, beside a running trial's checkpoints, of the model after an epoch. */
  public static String runningName(int epoch) {
    return String.format(Locale.ROOT, "%s%06d%s", RUNNING, epoch, Layout.MODEL);
  }

  /** Whether a file beside a running trial's checkpoints is a model. */
  public static boolean isRunning(String name) {
    return name.startsWith(RUNNING);
  }

  /**
   * Keeps the model of one epoch of a trial that has ended. Done again it changes nothing.
   *
   * @return whether there is a kept model
   * @throws ResultsException if the file system refuses
   */
  public boolean keep(String sweep, BestEpoch best) {
    Path target = layout.model(sweep, best.trialId());
    Path chosen =
        new Path(new Path(layout.checkpoints(sweep), best.trialId()), runningName(best.epoch()));
    try {
      if (files().exists(chosen)) {
        AtomicFile.move(chosen, target, hadoop);
        return true;
      }
      return files().exists(target);
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** Takes a kept model away. */
  public void delete(String sweep, String trialId) {
    try {
      files().delete(layout.model(sweep, trialId), false);
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** The trials of a sweep of which there is a kept model. */
  public Set<String> trialIds(String sweep) {
    try {
      return kept(layout.models(sweep), sweep).stream().map(Kept::trialId).collect(toSet());
    } catch (IOException unreadable) {
      throw cannot("read", unreadable);
    }
  }

  /** The trials of a sweep that have checkpoints, and may have models beside them. */
  public Set<String> runningIds(String sweep) {
    try {
      return list(layout.checkpoints(sweep)).stream()
          .map(folder -> folder.getPath().getName())
          .collect(toSet());
    } catch (IOException unreadable) {
      throw cannot("read", unreadable);
    }
  }

  /**
   * Reads a kept model.
   *
   * @throws ResultsException if it is not there, cut off, damaged or something else
   */
  public StoredModel read(String sweep, String trialId) {
    Path file = layout.model(sweep, trialId);
    try {
      long length = files().getFileStatus(file).getLen();
      try (FSDataInputStream in = files().open(file)) {
        return StoredModel.read(in, length);
      }
    } catch (FileNotFoundException missing) {
      throw new ResultsException("the model " + file + " is not there", missing);
    } catch (IOException unreadable) {
      throw new ResultsException(
          "the model " + file + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  /** The epoch of a trial's kept model; empty if it cannot be read. */
  public Optional<Integer> keptEpoch(String sweep, String trialId) {
    try (StoredModel model = read(sweep, trialId)) {
      return Optional.of(model.card().epoch().epoch());
    } catch (ResultsException unreadable) {
      return Optional.empty();
    }
  }

  /** Every kept model. */
  List<Kept> kept() {
    try {
      List<Kept> kept = new ArrayList<>();
      for (FileStatus folder : list(layout.models())) {
        Optional<String> sweep = Layout.sweepOf(folder.getPath());
        if (sweep.isPresent()) {
          kept.addAll(kept(folder.getPath(), sweep.get()));
        }
      }
      return kept;
    } catch (IOException unreadable) {
      throw cannot("read", unreadable);
    }
  }

  private List<Kept> kept(Path folder, String sweep) throws IOException {
    return list(folder).stream()
        .map(FileStatus::getPath)
        .filter(ModelStore::isModel)
        .map(file -> new Kept(sweep, idOf(file), file.toString()))
        .toList();
  }

  private static boolean isModel(Path file) {
    return file.getName().endsWith(Layout.MODEL) && !file.getName().startsWith("_");
  }

  private static String idOf(Path file) {
    return file.getName().substring(0, file.getName().length() - Layout.MODEL.length());
  }

  private List<FileStatus> list(Path folder) throws IOException {
    try {
      return List.of(files().listStatus(folder));
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  private FileSystem files() throws IOException {
    return layout.root().getFileSystem(hadoop);
  }

  private ResultsException cannot(String what, IOException refused) {
    return new ResultsException(
        "cannot %s the models in %s: %s".formatted(what, layout.models(), refused.getMessage()),
        refused);
  }
}
