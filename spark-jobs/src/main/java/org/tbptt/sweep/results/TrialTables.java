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
      if (epochs.exists(result.sweep(), result.trialId())) {
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
  void prepare(String sweep) throws IOException {
    boolean lost = false;
    for (StoredTable<?> table : all) {
      TableFolder folder = table.folder(sweep);
      lost |= folder.recover();
      if (table == trials) {
        folder.setDamagedAside();
      } else {
        lost |= !folder.damage().isEmpty();
      }
    }
    if (lost) {
      // First, so that a driver that is killed in between leaves the damage to the next.
      trials.compaction(sweep).remove(incomplete(sweep));
      for (StoredTable<?> table : all) {
        table.folder(sweep).setDamagedAside();
      }
    }
  }

  /** As in {@link ResultsStore#validLosses}. */
  Map<String, double[]> validLosses(String sweep) {
    Map<String, NavigableMap<Integer, Double>> byEpoch = new HashMap<>();
    epochs.read(
        sweep,
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

  /** The trials in trials of which other tables have not all rows. A trial's are in one file. */
  private Set<String> incomplete(String sweep) throws IOException {
    Map<String, Integer> epochsOf = new HashMap<>();
    epochs.trialIds(sweep).forEach(id -> epochsOf.merge(id, 1, Integer::sum));
    Set<String> withLags = new HashSet<>(lags.trialIds(sweep));
    Set<String> withBiases = new HashSet<>(biases.trialIds(sweep));
    return new HashSet<>(
        trials.read(
            sweep,
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
