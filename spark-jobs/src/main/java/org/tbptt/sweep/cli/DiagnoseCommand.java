package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.store.StoredModel;
import org.tbptt.model.train.TrialDiagnostics;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;
import org.tbptt.sweep.models.NamedTrial;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "diagnose",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how far back errors have an effect in a kept model, and how a style's gradient"
          + " differs from the full one. These are the measurements of sweep.diagnostics, for any style"
          + " and horizon. docs/lags.md explains them. Writes nothing."
    })
final class DiagnoseCommand implements Callable<Integer> {

  @Mixin private TrialArguments trial;

  @Option(
      names = "--style",
      paramLabel = "STYLE",
      description =
          "As in a conf file: tf, or '{kind = interval, k1 = 2, k2 = 8}'. Default: the trial's.")
  private Optional<String> style;

  @Option(
      names = "--bptt-steps",
      paramLabel = "N",
      description = "Steps an error goes back, its own included. Default: the trial's.")
  private Optional<Integer> bpttSteps;

  @Option(
      names = "--seq-len",
      paramLabel = "T",
      description = "Steps of the style's windows. Default: the trial's.")
  private Optional<Integer> seqLen;

  @Option(
      names = "--windows",
      paramLabel = "COUNT",
      defaultValue = "4",
      description = "Windows of the validation stream to measure on. Default: ${DEFAULT-VALUE}.")
  private int windows;

  @Option(
      names = "--max-lag",
      paramLabel = "LAG",
      defaultValue = "50",
      description = "The largest lag to measure, in steps. Default: ${DEFAULT-VALUE}.")
  private int maxLag;

  @Option(
      names = "--horizon",
      paramLabel = "STEPS",
      defaultValue = "0",
      description = "How far back the full gradient goes. Default: twice the largest lag.")
  private int horizon;

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description = "lags or bias. Default: both with --format table; lags with csv or json.")
  private Optional<DiagnosisPrinter.Part> table;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, csv (with a header line) or json (a line per row). Default: table.")
  private RowFormat format;

  @Mixin private ResultsOption results;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Diagnostics settings = settings();
    try (Session session = Session.forReading("diagnose")) {
      return session.call(spec, spark -> diagnose(spark, settings));
    }
  }

  private int diagnose(SparkSession spark, Diagnostics settings) {
    NamedTrial named = trial.find(() -> results.queries(spark));
    try (StoredModel model = named.model(results.open(spark).models())) {
      Truncation truncation = truncation(model);
      Diagnosis diagnosis = measure(model, truncation, settings, named.sameCorpus(model));
      new DiagnosisPrinter(spark, spec.commandLine(), format)
          .print(named, truncation, diagnosis, table);
    }
    return TbpttSweep.DONE;
  }

  private Diagnostics settings() {
    try {
      if (windows < 1) {
        throw new InvalidSettingException("windows", windows, "must be at least 1");
      }
      return new Diagnostics(windows, maxLag, horizon);
    } catch (IllegalArgumentException impossible) {
      throw new ParameterException(spec.commandLine(), "--" + impossible.getMessage());
    }
  }

  /** The trial's own style, with the n of the model's epoch, unless another is asked for. */
  private Truncation truncation(StoredModel model) {
    int ownSteps = model.card().epoch().bpttSteps();
    Truncation own = model.card().spec().truncation().inUse(ownSteps);
    if (style.isPresent() || bpttSteps.isPresent() || seqLen.isPresent()) {
      boolean sentences = own.seqLen() == 0;
      if (sentences && style.isPresent() && seqLen.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--seq-len: must be given, as the model's own style has none");
      }
      try {
        return SweepConfig.truncation(
            style.orElse(words(own)),
            bpttSteps.orElse(ownSteps),
            seqLen.orElse(sentences ? ownSteps : own.seqLen()));
      } catch (InvalidConfException impossible) {
        throw new ParameterException(spec.commandLine(), asOption(impossible.getMessage()));
      }
    }
    return own;
  }

  /** What the message says of a conf's setting, said of the option that stands for it. */
  private static String asOption(String message) {
    return message
        .replaceFirst("^sweep\\.grid\\.(truncation\\.)?", "--")
        .replaceFirst(" \\(--set\\)$", "");
  }

  /** The style as in a conf file, without the steps, which have options of their own. */
  private static String words(Truncation own) {
    Map<String, Object> settings = new LinkedHashMap<>(own.reach());
    settings.keySet().removeAll(Set.of("bptt-steps", "k2"));
    settings.putAll(own.parameters());
    if (own.history()) {
      settings.put("history", true);
    }
    if (settings.isEmpty()) {
      return own.style();
    }
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " = " + setting.getValue())
        .collect(joining(", ", "{kind = " + own.style() + ", ", "}"));
  }

  private static Diagnosis measure(
      StoredModel model, Truncation truncation, Diagnostics settings, Corpus corpus) {
    try {
      return TrialDiagnostics.probe(model.card().spec(), truncation, settings, corpus)
          .measure(model.card().epoch().epoch(), model.weights(), truncation);
    } catch (IllegalArgumentException | UnsupportedOperationException impossible) {
      throw new InvalidConfException(impossible.getMessage());
    }
  }
}
