package org.tbptt.sweep.results;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.parquet.example.data.Group;
import org.tbptt.model.train.EpochMetrics;

/** The tables whose rows are written with a trial. A row in trials means that all are there. */
final class TrialTables {

  private final StoredTable<TrialResult> trials;
  private final StoredTable<TrialEpoch> epochs;
  private final StoredTable<TrialLag> lags;
  private final StoredTable<TrialBias> biases;
  private final List<StoredTable<?>> all;

  /** Trials whose epochs are in files of their own. */
  private final Set<String> alone = new HashSet<>();

  TrialTables(
      StoredTable<TrialResult> trials,
      StoredTable<TrialEpoch> epochs,
      StoredTable<TrialLag> lags,
      StoredTable<TrialBias> biases) {
    this.trials = trials;
    this.epochs = epochs;
    this.lags = lags;
    this.biases = biases;
    this.all = List.of(trials, epochs, lags, biases);
  }

  StoredTable<TrialResult> trials() {
    return trials;
  }

  List<StoredTable<?>> all() {
    return all;
  }

  /** As in {@link ResultsStore#append}. */
  void append(List<TrialResult> results) {
    List<TrialResult> diagnosed =
        results.stream().filter(r -> !r.outcome().diagnoses().isEmpty()).toList();
    write(lags, diagnosed, r -> TrialLag.of(r.trialId(), r.outcome().diagnoses()));
    write(biases, diagnosed, r -> TrialBias.of(r.trialId(), r.outcome().diagnoses()));
    List<TrialResult> unwritten = new ArrayList<>();
    for (TrialResult result : results) {
      if (alone.contains(result.trialId())) {
        appendEpochs(result.sweep(), result.trialId(), result.outcome().epochs());
      } else {
        unwritten.add(result);
      }
    }
    write(epochs, unwritten, r -> TrialEpoch.of(r.trialId(), r.outcome().epochs()));
    write(trials, results, List::of);
  }

  void appendEpochs(String sweep, String trialId, List<EpochMetrics> metrics) {
    epochs.write(sweep, trialId, TrialEpoch.of(trialId, metrics));
    alone.add(trialId);
  }

  /** The rows of several trials in one file, named by the first of them. */
  private static <T> void write(
      StoredTable<T> table, List<TrialResult> results, Function<TrialResult, List<T>> rows) {
    if (!results.isEmpty()) {
      TrialResult first = results.get(0);
      List<T> together = results.stream().flatMap(result -> rows.apply(result).stream()).toList();
      table.write(first.sweep(), first.trialId(), together);
    }
  }

  /** As in {@link ResultsStore#prepare}. */
  List<String> prepare(String sweep) throws IOException {
    List<String> damaged = new ArrayList<>();
    boolean lost = false;
    for (StoredTable<?> table : all) {
      TableFolder folder = table.folder(sweep);
      List<String> recovered = folder.recover();
      damaged.addAll(recovered);
      lost |= !recovered.isEmpty();
      if (table == trials) {
        damaged.addAll(folder.setDamagedAside());
      } else {
        lost |= !folder.damage().isEmpty();
      }
    }
    if (lost) {
      // First, so that a driver that is killed in between leaves the damage to the next.
      trials.compaction(sweep).remove(incomplete(sweep));
      for (StoredTable<?> table : all) {
        damaged.addAll(table.folder(sweep).setDamagedAside());
      }
    }
    return damaged;
  }

  /** As in {@link ResultsStore#validLosses}. */
  Map<String, double[]> validLosses(String sweep) {
    Map<String, NavigableMap<Integer, Double>> byEpoch = new HashMap<>();
    epochs.read(
        sweep,
        List.of(Table.TRIAL_ID, "epoch", "valid_loss"),
        row -> {
          byEpoch
              .computeIfAbsent(row.getString(Table.TRIAL_ID, 0), id -> new TreeMap<>())
              .put(
                  row.getInteger("epoch", 0),
                  has(row, "valid_loss") ? row.getDouble("valid_loss", 0) : Double.NaN);
          return Optional.empty();
        });
    Map<String, double[]> losses = new HashMap<>();
    byEpoch.forEach(
        (id, of) ->
            losses.put(
                id,
                IntStream.rangeClosed(1, of.size())
                    .takeWhile(of::containsKey)
                    .mapToDouble(of::get)
                    .toArray()));
    return losses;
  }

  /** As in {@link ResultsStore#idsWithRows}. */
  Set<String> idsWithRows(String sweep) {
    Set<String> ids = new HashSet<>();
    for (StoredTable<?> table : all) {
      ids.addAll(
          table.read(
              sweep,
              List.of(Table.TRIAL_ID),
              row -> Optional.of(row.getString(Table.TRIAL_ID, 0))));
    }
    return ids;
  }

  /** The trials in trials of which other tables have not all rows. A trial's are in one file. */
  private Set<String> incomplete(String sweep) throws IOException {
    Map<String, Integer> epochsOf = new HashMap<>();
    epochs.trialIds(sweep).forEach(id -> epochsOf.merge(id, 1, Integer::sum));
    Set<String> withLags = new HashSet<>(lags.trialIds(sweep));
    Set<String> withBiases = new HashSet<>(biases.trialIds(sweep));
    return new HashSet<>(
        trials.read(
            sweep,
            List.of(Table.TRIAL_ID, "epochs_run", "lag95"),
            row -> {
              String id = row.getString(Table.TRIAL_ID, 0);
              int epochsRun = has(row, "epochs_run") ? row.getInteger("epochs_run", 0) : 0;
              boolean measured =
                  withLags.contains(id) || withBiases.contains(id) || has(row, "lag95");
              boolean whole =
                  epochsOf.getOrDefault(id, 0) >= epochsRun
                      && (!measured || (withLags.contains(id) && withBiases.contains(id)));
              return whole ? Optional.empty() : Optional.of(id);
            }));
  }

  private static boolean has(Group row, String column) {
    return row.getFieldRepetitionCount(column) > 0;
  }
}
