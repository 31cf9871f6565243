package org.tbptt.sweep.live;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tbptt.model.diagnostics.Bias;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Lag;
import org.tbptt.model.train.EpochMetrics;
import org.tbptt.model.train.TrainingProgress;
import org.tbptt.model.train.TrialOutcome;
import org.tbptt.sweep.analysis.LiveRows;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.analysis.Report;
import org.tbptt.sweep.analysis.SweepState;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.TrialResult;
import org.tbptt.sweep.run.ExecutorWait;
import org.tbptt.sweep.run.Plan;
import org.tbptt.sweep.run.PlannedTrial;
import org.tbptt.sweep.run.SweepEvent;

/**
 * Keeps a page's document up to date with a running sweep. The sweep's thread only notes what has
 * happened; a thread of its own makes JSON of it, once a second.
 */
public final class LiveRun implements Consumer<SweepEvent>, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveRun.class);
  private static final long UPDATE_EVERY = 1000; // milliseconds
  private static final long LAST_UPDATE = 60_000; // milliseconds, on a machine that is busy
  private static final long STYLES_EVERY = TimeUnit.SECONDS.toNanos(10);

  /** Columns of trials that have ended. */
  private static final List<String> NOT_YET =
      List.of("engine", "epochs_run", "train_tokens", "train_seconds", "started_at", "finished_at");

  private static final int STYLES_SHARE = 200; // of the time at most one part in so many

  private final SparkSession spark;
  private final ResultsStore results;
  private final LiveDocument document;
  private final LiveSweep sweep = new LiveSweep(System::nanoTime);
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread = new Thread(this::update, "live-page");

  private Plan plan;
  private LiveRows rows;
  private boolean stylesOutdated;
  private long stylesNext = System.nanoTime();

  /** For a sweep that is about to begin. */
  public LiveRun(SparkSession spark, ResultsStore results, LiveServer server) {
    this.spark = spark;
    this.results = results;
    this.document = server.document();
    thread.setDaemon(true);
  }

  @Override
  public void accept(SweepEvent event) {
    sweep.accept(event);
    if (event instanceof SweepEvent.SweepStarted started) {
      begin(started.plan());
    }
  }

  /** Something went wrong, in a line. */
  public void problem(String text) {
    sweep.problem(text);
  }

  private void begin(Plan plan) {
    this.plan = plan;
    JsonObject data = stored();
    Optional<String> ui =
        Optional.ofNullable(spark.sparkContext().uiWebUrl().getOrElse(() -> null));
    ui.ifPresent(url -> data.addProperty("spark_ui", url));
    document.put(data);
    thread.start();
  }

  /** Reads the tables once, while no trial needs a slot. */
  private JsonObject stored() {
    String name = plan.config().name();
    JavaSparkContext jobs = JavaSparkContext.fromSparkContext(spark.sparkContext());
    try (ExecutorWait unused = ExecutorWait.of(jobs, LOG::warn)) {
      return Queries.retried(() -> new Queries(spark, results), queries -> stored(name, queries));
    }
  }

  private JsonObject stored(String name, Queries queries) {
    rows = new LiveRows(spark, name);
    SweepState state = SweepState.find(queries, Optional.of(name));
    JsonObject data = Report.withoutImportance(queries, state).rowsByName();
    Set<String> going = new HashSet<>(plan.missing().stream().map(trial -> trial.id()).toList());
    for (String table : List.of("trials", "curves", "diagnoses")) {
      data.getAsJsonObject(table).keySet().removeAll(going); // those of trials that start again
    }
    JsonObject trials = data.getAsJsonObject("trials");
    if (trials.size() > 0) {
      rows.addStored(queries);
      rows.describe(trials);
    }
    List<TrialResult> missing = plan.missing().stream().map(this::notEnded).toList();
    data.add("published", rows.published(missing));
    data.add("styles_planned", rows.styleNames(missing));
    return data;
  }

  private void update() {
    try {
      do {
        put();
      } while (!over.await(UPDATE_EVERY, TimeUnit.MILLISECONDS));
      put();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      LOG.warn("the live page is not updated any more", failure); // the sweep goes on
    }
  }

  private void put() {
    document.put(json(sweep.take()));
  }

  private JsonObject json(LiveSweep.Changes changes) {
    JsonObject json = new JsonObject();
    if (!changes.trials().isEmpty()) {
      addTrials(changes.trials(), json);
    }
    JsonArray events = new JsonArray();
    for (LiveSweep.Problem problem : changes.problems()) {
      JsonObject event = new JsonObject();
      event.addProperty("at", problem.at().toString());
      event.addProperty("text", problem.text());
      events.add(event);
    }
    json.add("events", events);
    JsonObject progress = new JsonObject();
    progress.addProperty("finished", changes.finished());
    progress.addProperty("missing", changes.missing());
    addFinite(progress, "seconds_left", changes.secondsLeft());
    json.add("progress", progress);
    boolean last = over.getCount() == 0;
    if (stylesOutdated && (last || System.nanoTime() - stylesNext >= 0)) {
      long from = System.nanoTime();
      json.add("styles", rows.styles());
      stylesOutdated = false;
      long now = System.nanoTime();
      stylesNext = now + Math.max(STYLES_EVERY, STYLES_SHARE * (now - from));
    }
    return json;
  }

  private void addTrials(List<LiveTrial> trials, JsonObject json) {
    Map<String, TrialResult> results = new HashMap<>();
    List<TrialResult> ended = new ArrayList<>();
    trials.forEach(
        trial -> {
          results.put(trial.trial().id(), trial.result().orElseGet(() -> soFar(trial)));
          trial.result().ifPresent(ended::add);
        });
    if (!ended.isEmpty()) {
      rows.addEnded(ended);
      stylesOutdated = true;
    }
    Map<String, JsonObject> made = rows.json(results.values());
    JsonObject trialRows = new JsonObject();
    JsonObject curves = new JsonObject();
    JsonObject diagnoses = new JsonObject();
    JsonObject running = new JsonObject();
    for (LiveTrial trial : trials) {
      String id = trial.trial().id();
      JsonObject row = made.get(id);
      if (trial.result().isEmpty()) {
        NOT_YET.forEach(row::remove);
        row.addProperty("status", trial.state().name());
      }
      trialRows.add(id, row);
      curves.add(id, curve(trial));
      trial.result().flatMap(LiveRun::diagnoses).ifPresent(found -> diagnoses.add(id, found));
      running.add(id, trial.result().isPresent() ? JsonNull.INSTANCE : running(trial));
    }
    json.add("trials", trialRows);
    json.add("curves", curves);
    json.add("diagnoses", diagnoses);
    json.add("running", running);
    json.add("varied", new Gson().toJsonTree(rows.varied()));
  }

  private TrialResult soFar(LiveTrial trial) {
    return notEnded(trial.trial(), trial.attempt(), trial.host());
  }

  private TrialResult notEnded(PlannedTrial trial) {
    return notEnded(trial, 1, "");
  }

  /** A trial that has not ended, as if it had without a loss. */
  private TrialResult notEnded(PlannedTrial trial, int attempt, String host) {
    TrialOutcome none =
        TrialOutcome.failed("", trial.spec().training().engine().wanted(), Instant.EPOCH);
    return new TrialResult(
            plan.config().name(),
            trial.id(),
            plan.corpus().id(),
            trial.spec(),
            none,
            attempt,
            1,
            host,
            "")
        .withCandidate(trial.candidate());
  }

  private static JsonObject running(LiveTrial trial) {
    TrainingProgress progress = trial.progress();
    JsonObject json = new JsonObject();
    json.addProperty("state", trial.state().name());
    json.addProperty("label", trial.trial().label());
    json.addProperty("epoch", progress.epoch());
    json.addProperty("epochs", progress.epochs());
    json.addProperty("share", progress.share());
    addFinite(json, "loss", progress.trainLoss());
    addFinite(json, "tokens_per_second", progress.tokensPerSecond());
    addFinite(json, "seconds_left", trial.secondsLeft());
    json.addProperty("attempt", trial.attempt());
    json.addProperty("host", trial.host());
    return json;
  }

  /** As report_curves.sql. */
  private static JsonObject curve(LiveTrial trial) {
    JsonArray losses = new JsonArray();
    for (EpochMetrics epoch : trial.epochs()) {
      if (Double.isFinite(epoch.validLoss())) {
        losses.add(Math.round(epoch.validLoss() * 1e5) / 1e5);
      } else {
        losses.add(JsonNull.INSTANCE);
      }
    }
    JsonObject curve = new JsonObject();
    curve.add("valid", losses);
    return curve;
  }

  /** As report_diagnoses.sql. */
  private static Optional<JsonObject> diagnoses(TrialResult result) {
    List<Diagnosis> diagnoses = result.outcome().diagnoses();
    if (diagnoses.isEmpty()) {
      return Optional.empty();
    }
    JsonArray norms = new JsonArray();
    for (Lag lag : diagnoses.get(diagnoses.size() - 1).lags()) {
      norms.add(Double.isFinite(lag.phi()) ? new JsonPrimitive(lag.phi()) : JsonNull.INSTANCE);
    }
    JsonArray biases = new JsonArray();
    for (Diagnosis diagnosis : diagnoses) {
      for (Bias bias : diagnosis.biases()) {
        if (bias.parameter().equals(Bias.ALL)) {
          JsonObject measured = new JsonObject();
          measured.addProperty("epoch", diagnosis.epoch());
          addFinite(measured, "relative", bias.relative());
          biases.add(measured);
        }
      }
    }
    JsonObject json = new JsonObject();
    json.add("phi", norms);
    json.add("bias", biases);
    return Optional.of(json);
  }

  private static void addFinite(JsonObject json, String name, double value) {
    if (Double.isFinite(value)) {
      json.addProperty(name, value);
    }
  }

  /**
   * The last update: open pages keep it.
   *
   * @param ending what became of the sweep, in a sentence
   */
  public void end(String ending) {
    end(ending, LAST_UPDATE);
  }

  private void end(String ending, long patience) {
    over.countDown();
    try {
      thread.join(patience);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    JsonObject json = new JsonObject();
    json.addProperty("ending", ending);
    document.close(json);
  }

  /** Ends it as stopped, unless it has ended. */
  @Override
  public void close() {
    if (over.getCount() > 0) {
      end(
          "The run has stopped before the sweep's end; run the same command again to resume it.",
          UPDATE_EVERY);
    }
  }
}
