package org.tbptt.sweep.analysis;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.grid.Grid;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.SweepRecord;
import org.tbptt.sweep.results.TrialResult;

/** The sweeps of {@link ComparisonTest}, by names: Spark takes longer for each than for all. */
final class ComparedSweeps {

  private static final String PTB = "{\"sweep\":{\"corpus\":{\"kind\":\"ptb\",\"path\":\"x\"}}}";
  private static final String TOY = "{\"sweep\":{\"corpus\":{\"kind\":\"toy\"}}}";

  private final Map<String, List<TrialResult>> trials = new LinkedHashMap<>();

  ComparedSweeps() {
    published();
    settings();
    seeds();
    truncationsOfOneStyle();
    endings();
  }

  void writeTo(ResultsStore store) {
    trials.values().forEach(store::append);
    trials
        .keySet()
        .forEach(name -> store.describe(record(name, name.startsWith("toy") ? TOY : PTB, 21, 0)));
  }

  static SweepRecord record(String sweep, int planned, int secondsLater) {
    return record(sweep, PTB, planned, secondsLater);
  }

  private static SweepRecord record(String sweep, String conf, int planned, int secondsLater) {
    return new SweepRecord(
        sweep,
        conf,
        TestTrials.PTB,
        10_000,
        929_589,
        73_760,
        82_430,
        planned,
        "0.1.0",
        "3.5.9",
        Instant.EPOCH.plusSeconds(secondsLater));
  }

  private void published() {
    add("ptb", new TrueStyle(5, 20), 0.003, 1, 5.6, 5.125);
    add("ptb", new TrueStyle(5, 20), 0.001, 1, 5.7, 5.054);
    add("ptb", new TensorFlowStyle(5), 0.003, 1, 5.187);
    add("ptb", new TensorFlowStyle(40), 0.0003, 1, 5.153);

    for (String name : List.of("zaremba", "zaremba-medium")) {
      Path conf = Path.of("../conf", name + ".conf");
      Grid grid = Grid.expand(SweepConfig.load(conf, List.of("sweep.corpus.path=folder")));
      grid.trials().stream()
          .filter(trial -> trial.seed() == 1)
          .forEach(trial -> add(name, TestTrials.PTB, trial, TrialStatus.COMPLETED, 4.5));
    }

    TrialSpec spec = TestTrials.spec(new TrueStyle(5, 20), 0.003, 1);
    add("other", "ptb-of-another-kind", spec, TrialStatus.COMPLETED, 5.1);

    add("history", new TrueStyle(5, 20, true), 0.003, 1, 5.1);

    RnnModel published = TestTrials.spec(new TensorFlowStyle(40), 0.003, 1).model();
    RnnModel carriesTheState =
        new RnnModel(
            published.cell(),
            published.stateSize(),
            published.embedSize(),
            published.keepProb(),
            published.init(),
            Carry.STATE);
    add("carry", carriesTheState, 0, Normalisation.R2RT);
    add("update-every", published, 10, Normalisation.MEAN);
    add("normalisation", published, 0, Normalisation.MEAN);
  }

  private void settings() {
    TrialSpec tf = TestTrials.spec(new TensorFlowStyle(7), 0.003, 1);
    add("data", "toy-1", tf, TrialStatus.COMPLETED, 0.5);
    add("data", "toy-2", tf, TrialStatus.COMPLETED, 0.7);

    add("toy", new TensorFlowStyle(2), 0.01, 1, 0.663);
    add("toy", new TensorFlowStyle(5), 0.01, 1, 0.525);
    add("toy", new TensorFlowStyle(9), 0.01, 1, 0.46);

    TrialSpec nine = TestTrials.spec(new TensorFlowStyle(9), 0.01, 1);
    add("toys", TestTrials.PTB, nine, TrialStatus.COMPLETED, 0.46);
    add("toys", "toy-before", nine, TrialStatus.COMPLETED, 0.46);

    TrialSpec base = TestTrials.spec(new TensorFlowStyle(5), 0.01, 1);
    RnnModel model = base.model();
    RnnModel small = new RnnModel(model.cell(), 50, 50, 0.8, model.init(), model.carry());
    TrialSpec smaller = new TrialSpec(base.truncation(), small, base.training(), 1);
    add("wide", base, 5.0);
    add("wide", smaller, 5.2);
  }

  private void seeds() {
    double[] noise = {0.01, 0.02, 0.03};
    for (int seed = 1; seed <= 3; seed++) {
      add("seeds", new TrueStyle(7, 20), 0.003, seed, 5 + 0.01 * seed);

      add("styles", new TensorFlowStyle(5), 0.003, seed, 5.2);
      add("styles", new TrueStyle(5, 20), 0.003, seed, 5.1 + noise[seed - 1]);
      add("styles", new TensorFlowStyle(10), 0.003, seed, 5.0);
      add("styles", new TrueStyle(10, 20), 0.003, seed, 5.0 - noise[seed - 1]);
    }
    for (int seed = 1; seed <= 2; seed++) {
      add("lengths", new TensorFlowStyle(20), 0.003, seed, 5.0);
      add("lengths", new TrueStyle(5, 20), 0.003, seed, 5.5);

      add("gaps", new TensorFlowStyle(5), 0.003, seed, 5.0);
      add("gaps", new TrueStyle(5, 20), 0.003, seed, 5.5);
      add("gaps", new TensorFlowStyle(7), 0.003, seed, 5.0);
      add("gaps", new TrueStyle(7, 20), 0.003, seed, 5.25);
    }
    add("gaps", new TensorFlowStyle(10), 0.001, 1, 5.0);
    add("gaps", new TrueStyle(10, 20), 0.001, 1, 1.0);

    for (int seed = 1; seed <= 2; seed++) {
      TrialSpec tf = TestTrials.spec(new TensorFlowStyle(5), 0.003, seed);
      RnnModel model = tf.model();
      Training mean = training(tf, 0, Normalisation.MEAN, EngineChoice.AUTO);
      add("sentences", new TrialSpec(tf.truncation(), model, mean, seed), 5.2);
      add("sentences", new TrialSpec(new SentenceStyle(5), model, mean, seed), 5.1);
    }

    add("one", new TensorFlowStyle(5), 0.003, 1, 5.2);
    add("one", new TrueStyle(5, 20), 0.003, 1, 4.2);

    for (EngineChoice engine : List.of(EngineChoice.ND4J, EngineChoice.NATIVE)) {
      add("engines", engine, new TensorFlowStyle(5), 5.2);
      add("engines", engine, new TrueStyle(5, 20), 5.1);
    }
  }

  private void truncationsOfOneStyle() {
    for (int seed = 1; seed <= 3; seed++) {
      double chance = 0.01 * seed;
      for (double rate : List.of(0.003, 0.001)) {
        add("crossing", new TrueStyle(5, 20, true), rate, seed, 5.0 + chance);
        add("crossing", new TrueStyle(5, 20), rate, seed, 5.25 + chance);
      }
      add("own", new IntervalStyle(5, 10, 20, false), 0.003, seed, 5.0 + chance);
      add("own", new IntervalStyle(2, 10, 20, false), 0.003, seed, 5.5 + chance);
      add("own", new RandomStyle(0.9, 30), 0.003, seed, 5.125 + chance);
      add("own", new RandomStyle(0.5, 30), 0.003, seed, 5.0 + chance);

      add("windows", new TrueStyle(5, 20), 0.003, seed, 5.0 + chance);
      add("windows", new TrueStyle(5, 40), 0.003, seed, 5.5 + chance);
      add("windows", new TrueStyle(10, 40), 0.003, seed, 5.25 + chance);

      add("adaptive", adaptive(0.5, seed), 5.0 + chance);
      add("adaptive", adaptive(0.1, seed), 5.5 + chance);
      add("adaptive", new TrueStyle(5, 20), 0.003, seed, 5.25 + chance);
    }
  }

  private void endings() {
    for (int seed = 1; seed <= 3; seed++) {
      add("lost", new TrueStyle(7, 20), 0.003, seed, 5.5);
    }
    add("lost", new TensorFlowStyle(7), 0.003, 1, 5.0);
    add("lost", new TensorFlowStyle(7), 0.003, 2, 5.2);
    TrialSpec third = TestTrials.spec(new TensorFlowStyle(7), 0.003, 3);
    add("lost", TestTrials.PTB, third, TrialStatus.FAILED, 4.0);

    TrialSpec tf = TestTrials.spec(new TensorFlowStyle(5), 0.003, 1);
    Training dl4j = training(tf, 0, tf.training().normalisation(), EngineChoice.DL4J);
    RnnModel model = tf.model().carrying(Carry.STATE);
    TrialSpec byDl4j = new TrialSpec(tf.truncation(), model, dl4j, 1);
    add("dl4j", new TrialSpec(tf.truncation(), model, tf.training(), 1), 5.0);
    TrialResult failedByDl4j =
        TestTrials.result("dl4j", TestTrials.PTB, byDl4j, TrialStatus.COMPLETED, 5.0);
    trials
        .get("dl4j")
        .add(
            failedByDl4j.withOutcome(
                TrialOutcome.failed(
                    "out of memory", dl4j.engine().wanted(), failedByDl4j.outcome().startedAt())));

    TrialSpec diverged = TestTrials.spec(new TrueStyle(7, 20), 1.0, 1);
    add("bad", "c", diverged, TrialStatus.DIVERGED, Double.NaN);
    TrialSpec failed = TestTrials.spec(new TrueStyle(7, 20), 0.5, 1);
    add("bad", "c", failed, TrialStatus.FAILED);
  }

  private void add(String sweep, Truncation truncation, double rate, long seed, double... losses) {
    TrialSpec spec = TestTrials.spec(truncation, rate, seed);
    add(sweep, TestTrials.PTB, spec, TrialStatus.COMPLETED, losses);
  }

  private static TrialSpec adaptive(double delta, long seed) {
    TrialSpec spec = TestTrials.spec(new TrueStyle(5, 20), 0.003, seed);
    return new TrialSpec(
        new AdaptiveStyle(delta, 5, 20),
        spec.model(),
        spec.training(),
        new Diagnostics(1, 5, 0),
        seed);
  }

  private void add(String sweep, EngineChoice engine, Truncation truncation, double loss) {
    TrialSpec spec = TestTrials.spec(truncation, 0.003, 1);
    Training training = training(spec, 0, spec.training().normalisation(), engine);
    TrialSpec byEngine = new TrialSpec(truncation, spec.model(), training, 1);
    add(sweep, "c", byEngine, TrialStatus.COMPLETED, loss);
  }

  private void add(String sweep, RnnModel model, int updateEvery, Normalisation normalisation) {
    TrialSpec spec = TestTrials.spec(new TensorFlowStyle(40), 0.003, 1);
    Training training = training(spec, updateEvery, normalisation, spec.training().engine());
    add(sweep, new TrialSpec(spec.truncation(), model, training, 1), 5.1);
  }

  private static Training training(
      TrialSpec spec, int updateEvery, Normalisation normalisation, EngineChoice engine) {
    Training training = spec.training();
    return new Training(
        training.epochs(),
        training.batchSize(),
        updateEvery,
        training.optimizer(),
        training.momentum(),
        training.rmsDecay(),
        training.learningRate(),
        training.schedule(),
        normalisation,
        training.clipNorm(),
        engine,
        training.precision());
  }

  private void add(String sweep, TrialSpec spec, double loss) {
    add(sweep, TestTrials.PTB, spec, TrialStatus.COMPLETED, loss);
  }

  private void add(
      String sweep, String corpusId, TrialSpec spec, TrialStatus status, double... losses) {
    trials
        .computeIfAbsent(sweep, name -> new ArrayList<>())
        .add(TestTrials.result(sweep, corpusId, spec, status, losses));
  }
}
