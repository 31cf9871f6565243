package org.tbptt.sweep.models;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.store.StoredModel;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.results.ModelStore;
import org.tbptt.sweep.results.ResultsException;

/**
 * A trial of the tables that the user named: by its id, by a unique prefix of it, or as the best of
 * its sweep.
 *
 * @param conf what the sweep was last run with, JSON
 * @param kept whether there is a model of it
 */
public record NamedTrial(String sweep, String conf, String trialId, boolean kept) {

  /** The name of the trial with the lowest validation loss. */
  public static final String BEST = "best";

  private static final int SHOWN = 4;

  /**
   * Looks it up.
   *
   * @param name an id, a prefix of one, or {@value #BEST}
   * @param sweep the sweep to search; if empty, all sweeps, or for {@value #BEST} the last run one
   * @throws ResultsException unless exactly one trial matches
   */
  public static NamedTrial find(Queries queries, String name, Optional<String> sweep) {
    Dataset<Row> trials =
        queries.query(
            "SELECT t.sweep, s.conf, t.trial_id, t.model IS NOT NULL, t.best_valid_loss, t.status"
                + " FROM trials t JOIN sweeps s USING (sweep)");
    return name.equals(BEST) ? best(queries, trials, sweep) : byId(queries, trials, name, sweep);
  }

  /**
   * Reads its kept model; to be closed.
   *
   * @throws ResultsException if there is none, or it cannot be read
   */
  public StoredModel model(ModelStore models) {
    if (!kept) {
      throw new ResultsException(
          "trial %s of sweep %s has no kept model: while trials train, sweep.keep-models = all keeps every model, best only that of each style's best trial"
              .formatted(trialId, sweep));
    }
    return models.read(sweep, trialId);
  }

  /**
   * Reads or generates the corpus of its sweep, for its words.
   *
   * @throws org.tbptt.model.corpus.CorpusException if a file cannot be used
   * @throws ResultsException if its vocabulary is not the one that the model was trained on
   */
  public Corpus corpus(StoredModel model) {
    Corpus corpus = SweepConfig.loadStoredCorpus(conf);
    try {
      model.card().require(corpus.vocabulary());
    } catch (IllegalArgumentException other) {
      throw new ResultsException(other.getMessage(), other);
    }
    return corpus;
  }

  /**
   * Reads or generates the corpus that it was trained on.
   *
   * @throws org.tbptt.model.corpus.CorpusException if a file cannot be used
   * @throws ResultsException if the corpus of its sweep is another one now
   */
  public Corpus sameCorpus(StoredModel model) {
    Corpus corpus = corpus(model);
    if (!corpus.id().equals(model.card().corpusId())) {
      throw new ResultsException(
          "trial %s was trained on corpus %s, but sweep %s was last run with %s"
              .formatted(trialId, model.card().corpusId(), sweep, corpus.id()));
    }
    return corpus;
  }

  private static NamedTrial best(Queries queries, Dataset<Row> trials, Optional<String> sweep) {
    String name = SweepState.find(queries, sweep).name();
    return trials
        .where(functions.col("sweep").equalTo(name))
        .where("best_valid_loss IS NOT NULL AND status <> 'FAILED'")
        .orderBy("best_valid_loss", "trial_id")
        .limit(1)
        .collectAsList()
        .stream()
        .map(NamedTrial::of)
        .findFirst()
        .orElseThrow(
            () -> new ResultsException("sweep " + name + " has no trial with a finite loss"));
  }

  private static NamedTrial byId(
      Queries queries, Dataset<Row> trials, String name, Optional<String> sweep) {
    Dataset<Row> matching = trials.where(functions.col("trial_id").startsWith(name));
    if (sweep.isPresent()) {
      String in = SweepState.find(queries, sweep).name();
      matching = matching.where(functions.col("sweep").equalTo(in));
    }
    List<NamedTrial> found =
        matching.orderBy("trial_id", "sweep").collectAsList().stream().map(NamedTrial::of).toList();
    if (found.isEmpty()) {
      throw new ResultsException(
          "no trial's id begins with '%s'%s: SELECT trial_id FROM trials lists them"
              .formatted(name, sweep.map(in -> " in sweep " + in).orElse("")));
    }
    List<String> ids = found.stream().map(NamedTrial::trialId).distinct().toList();
    if (ids.size() > 1) {
      throw new ResultsException(
          "'%s' is a prefix of %d trial ids: %s"
              .formatted(
                  name,
                  ids.size(),
                  ids.stream().limit(SHOWN).collect(joining(", "))
                      + (ids.size() > SHOWN ? ", ..." : "")));
    }
    if (found.size() > 1) {
      throw new ResultsException(
          "trial %s is in the sweeps %s: choose one with --sweep"
              .formatted(ids.get(0), found.stream().map(NamedTrial::sweep).collect(joining(", "))));
    }
    return found.get(0);
  }

  private static NamedTrial of(Row row) {
    return new NamedTrial(row.getString(0), row.getString(1), row.getString(2), row.getBoolean(3));
  }
}
