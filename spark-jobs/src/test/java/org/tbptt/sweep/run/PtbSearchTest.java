package org.tbptt.sweep.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;
import org.tbptt.sweep.results.TrialEnding;

class PtbSearchTest {

  private static final Path CONF = Path.of("../conf/ptb-search.conf");
  private static final double TARGET = 4.9924 + 0.005;
  private static final String CORPUS = "ptb-480bf77ac2939f90";

  record Curve(double[] losses, double[] seconds) {}

  record Spent(String what, int candidates, int epochs, double hours, double lowest) {}

  @Test
  void replay() {
    Map<String, Curve> curves = curves(System.getProperty("ptb.search"));
    System.err.println(curves.size() + " curves");
    for (String kind : List.of("random", "sobol", "tpe")) {
      for (String stopping :
          List.of(
              "{kind=none}",
              "{kind=successive-halving,min-epochs=3,factor=2}",
              "{kind=successive-halving,min-epochs=2,factor=3}")) {
        System.err.println(kind + " " + stopping + ": " + replay(kind, stopping, curves));
      }
    }
  }

  private static Spent replay(String kind, String stopping, Map<String, Curve> curves) {
    SweepConfig config =
        SweepConfig.load(
            CONF,
            List.of(
                "sweep.corpus.path=folder",
                "sweep.search.kind=" + kind,
                "sweep.search.trials=40",
                "sweep.stopping=" + stopping));
    SearchSource source = new SearchSource(config, CORPUS);
    Rungs rungs = new Rungs(config.stopping().rule(), List.of());
    int epochs = 0;
    double seconds = 0;
    int candidates = 0;
    double lowestOfAll = Double.POSITIVE_INFINITY;
    while (source.hasNext()) {
      PlannedTrial trial = source.next();
      candidates++;
      rungs.enter(trial);
      Curve curve = curves.get(trial.id());
      if (curve == null) {
        return new Spent(
            "missing " + trial.label(), candidates, epochs, seconds / 3600, lowestOfAll);
      }
      TrialStatus status = TrialStatus.COMPLETED;
      double lowest = Double.POSITIVE_INFINITY;
      int epoch = 0;
      while (epoch < trial.spec().training().epochs()) {
        if (epoch == curve.losses().length) {
          return new Spent("cut " + trial.label(), candidates, epochs, seconds / 3600, lowestOfAll);
        }
        double loss = curve.losses()[epoch];
        seconds += curve.seconds()[epoch];
        epoch++;
        epochs++;
        lowest = Math.min(lowest, loss);
        lowestOfAll = Math.min(lowestOfAll, lowest);
        if (loss <= TARGET) {
          return new Spent(
              "found " + trial.label(), candidates, epochs, seconds / 3600, lowestOfAll);
        }
        rungs.reached(trial.id(), Arrays.copyOf(curve.losses(), epoch));
        if (rungs.stop(trial.id()).isPresent()) {
          status = TrialStatus.STOPPED;
          break;
        }
      }
      if (status == TrialStatus.COMPLETED) {
        rungs.ended(trial.id());
      }
      source.ended(new TrialEnding(trial.id(), status, epoch, lowest));
    }
    return new Spent("not found", candidates, epochs, seconds / 3600, lowestOfAll);
  }

  private static Map<String, Curve> curves(String folder) {
    ResultsStore store = new ResultsStore(LocalSpark.session(), folder);
    Map<String, List<Row>> rows = new HashMap<>();
    store
        .table(Tables.EPOCHS)
        .select("trial_id", "epoch", "valid_loss", "seconds")
        .orderBy("epoch")
        .collectAsList()
        .forEach(row -> rows.computeIfAbsent(row.getString(0), id -> new ArrayList<>()).add(row));
    Map<String, Curve> curves = new HashMap<>();
    rows.forEach(
        (id, epochs) ->
            curves.put(
                id,
                new Curve(
                    epochs.stream().mapToDouble(row -> row.<Double>getAs("valid_loss")).toArray(),
                    epochs.stream().mapToDouble(row -> row.<Double>getAs("seconds")).toArray())));
    return curves;
  }
}
