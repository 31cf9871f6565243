package org.tbptt.sweep.results;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.tbptt.model.store.StoredModel;

/**
 * The kept models of all sweeps, models/sweep=S/TRIAL_ID.safetensors under the results. While a
 * trial runs, its best epoch so far and the best one before that stand in
 * models/sweep=S/_running/TRIAL_ID: the same file whichever attempt writes it. What is kept is one
 * of those, renamed. Travels to executors.
 */
public final class ModelStore implements Serializable {

  private final Layout layout;
  private final SerializableConfiguration hadoop;

  /** A kept model's file. */
  record Kept(String sweep, String trialId, String uri) {}

  ModelStore(Layout layout, Configuration hadoop) {
    this.layout = layout;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  /**
   * Writes what a running trial's best epoch so far gave; only the best one before it stays.
   *
   * @throws IOException if the file system refuses; the best one before it is as it was
   */
  public void writeRunning(StoredModel model) throws IOException {
    Path folder = running(model.card().sweep(), model.card().trialId());
    int epoch = model.card().epoch().epoch();
    keepLastBefore(epoch, folder);
    AtomicFile.write(
        new Path(folder, epoch + Layout.MODEL),
        hadoop.value(),
        temporary -> {
          try (FSDataOutputStream out =
              temporary.getFileSystem(hadoop.value()).create(temporary, true)) {
            model.write(out);
          }
        });
  }

  /**
   * Each was the best when it was written, so the last one is the best. What an attempt that has
   * come further has written is not this one's.
   */
  private void keepLastBefore(int epoch, Path folder) throws IOException {
    List<Integer> before =
        list(folder).stream()
            .map(FileStatus::getPath)
            .filter(ModelStore::isModel)
            .map(file -> Integer.valueOf(idOf(file)))
            .filter(each -> each < epoch)
            .sorted()
            .toList();
    for (int each : before.subList(0, Math.max(0, before.size() - 1))) {
      files().delete(new Path(folder, each + Layout.MODEL), false);
    }
  }

  /**
   * Ends a trial: keeps the model of one epoch and lets the others go. Done again it changes
   * nothing.
   *
   * @return whether there is a kept model
   * @throws ResultsException if the file system refuses
   */
  public boolean keep(String sweep, BestEpoch best) {
    try {
      Path target = layout.model(sweep, best.trialId());
      Path running = running(sweep, best.trialId());
      Path chosen = new Path(running, best.epoch() + Layout.MODEL);
      if (files().exists(chosen)) {
        AtomicFile.move(chosen, target, hadoop.value());
      }
      files().delete(running, true);
      return files().exists(target);
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** Takes away whatever there is of a trial. */
  public void delete(String sweep, String trialId) {
    try {
      files().delete(running(sweep, trialId), true);
      files().delete(layout.model(sweep, trialId), false);
    } catch (IOException refused) {
      throw cannot("write", refused);
    }
  }

  /** The trials of a sweep of which there is any model, kept or of a run that was stopped. */
  public Set<String> trialIds(String sweep) {
    try {
      Set<String> ids = new HashSet<>();
      kept(layout.models(sweep), sweep).forEach(kept -> ids.add(kept.trialId()));
      list(layout.runningModels(sweep)).forEach(each -> ids.add(each.getPath().getName()));
      return ids;
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

  private Path running(String sweep, String trialId) {
    return new Path(layout.runningModels(sweep), trialId);
  }

  private FileSystem files() throws IOException {
    return layout.root().getFileSystem(hadoop.value());
  }

  private ResultsException cannot(String what, IOException refused) {
    return new ResultsException(
        "cannot %s the models in %s: %s".formatted(what, layout.models(), refused.getMessage()),
        refused);
  }
}
