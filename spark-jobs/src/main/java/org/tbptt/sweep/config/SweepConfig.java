package org.tbptt.sweep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.CorpusSource;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.Truncation;
import org.tbptt.sweep.search.Budget;
import org.tbptt.sweep.search.Search;
import org.tbptt.sweep.stopping.Stopping;

/** A sweep, read from its conf file and the --set options. */
public final class SweepConfig {

  /** File systems allow 255, of which Spark's partitions begin with "sweep=". */
  private static final int MOST_BYTES_OF_NAME = 255 - "sweep=".length();

  private final String name;
  private final KeepModels keepModels;
  private final boolean baselines;
  private final Stopping stopping;
  private final Search search;
  private final Budget budget;
  private final CorpusSource corpus;
  private final List<Axis> axes;
  private final Settings settings;

  private SweepConfig(Settings settings) {
    this.settings = settings;
    name = readName(settings);
    keepModels = settings.get(Keys.KEEP_MODELS).choice(KeepModels.class);
    baselines = (boolean) settings.get(Keys.BASELINES).as(boolean.class);
    stopping = readStopping(settings);
    corpus = readCorpus(settings);
    search = RecordReader.read(Search.class, Keys.SEARCH, settings);
    budget = RecordReader.read(Budget.class, Keys.BUDGET, settings);
    axes = readAxes(settings);
    requireAxes(settings);
  }

  /**
   * Reads a conf file. Relative paths in it are relative to the working directory.
   *
   * @param file HOCON: a local path, or a URI of any file system that Hadoop knows
   * @param options key=value each, which override the file in this order
   * @throws InvalidConfException when the file or an option cannot be used; the settings of model
   *     and training are checked in {@link #trial}
   */
  public static SweepConfig load(String file, List<String> options) {
    return load(file, options, ConfigFactory.systemEnvironment());
  }

  /** The same for a local file. */
  public static SweepConfig load(Path file, List<String> options) {
    return load(file.toString(), options);
  }

  static SweepConfig load(String file, List<String> options, Config environment) {
    return new SweepConfig(Settings.load(file, options, environment));
  }

  /**
   * The corpus of a sweep from its stored {@link #json}; the rest is ignored, so that results of
   * other versions stay readable.
   */
  public static CorpusSource storedCorpus(String json) {
    return readCorpus(Settings.stored(json, Keys.CORPUS));
  }

  /**
   * Reads or generates it.
   *
   * @throws org.tbptt.model.corpus.CorpusException if a file cannot be used
   */
  public static Corpus loadStoredCorpus(String json) {
    return storedCorpus(json).load(HadoopTextFiles.ofThisProcess());
  }

  /**
   * A style from outside a conf file.
   *
   * @param style as the style axis has it: true, or {kind = interval, k1 = 2, k2 = 8}
   * @param bpttSteps n, and
   * @param seqLen T, for a style without its own
   * @throws InvalidConfException when there is no such style with these numbers
   */
  public static Truncation truncation(String style, int bpttSteps, int seqLen) {
    String pair = "{bptt-steps = %d, seq-len = %d}".formatted(bpttSteps, seqLen);
    Settings settings =
        Settings.options(List.of(Keys.STYLE + "=" + style, Keys.TRUNCATION + "=" + pair));
    return StyleReader.read(settings.get(Keys.STYLE), settings);
  }

  /** The sweep's name: any text on one line. */
  public String name() {
    return name;
  }

  /** Which trials' weights are kept. */
  public KeepModels keepModels() {
    return keepModels;
  }

  /** Whether what needs no network is computed for comparison. */
  public boolean baselines() {
    return baselines;
  }

  /** Which trials are stopped before their last epoch. */
  public Stopping stopping() {
    return stopping;
  }

  /** How candidates are chosen, unless every point of the grid is a trial. */
  public Search search() {
    return search;
  }

  /** What the sweep may spend. */
  public Budget budget() {
    return budget;
  }

  /** The source of the corpus; nothing has been read yet. */
  public CorpusSource corpus() {
    return corpus;
  }

  /**
   * Reads or generates the corpus.
   *
   * @throws org.tbptt.model.corpus.CorpusException if a file cannot be used
   */
  public Corpus loadCorpus() {
    return corpus.load(HadoopTextFiles.ofThisProcess());
  }

  /** Truncation, if the conf has it, style, learning rate, further axes by their names, seed. */
  public List<Axis> axes() {
    return axes;
  }

  /** Every setting, defaults included, as one line of JSON. */
  public String json() {
    return settings.json();
  }

  /**
   * The trial at one point of the grid.
   *
   * @param point one value of each of the {@link #axes}
   * @throws InvalidConfException when a setting of the model, the training or the grid is
   *     impossible
   */
  public TrialSpec trial(List<Setting> point) {
    Settings atPoint = settings.at(point);
    Setting style = atPoint.get(Keys.STYLE);
    Settings here =
        StyleReader.updateEvery(style)
            .map(own -> atPoint.with(Keys.UPDATE_EVERY, own))
            .orElse(atPoint);
    Truncation truncation = StyleReader.read(style, here);
    RnnModel model = RecordReader.read(RnnModel.class, Keys.MODEL, here);
    Training training = RecordReader.read(Training.class, Keys.TRAINING, here);
    Diagnostics diagnostics = RecordReader.read(Diagnostics.class, Keys.DIAGNOSTICS, here);
    long seed = (long) here.get(Keys.SEED).as(long.class);
    try {
      return new TrialSpec(truncation, model, training, diagnostics, seed);
    } catch (IllegalArgumentException reason) {
      // Checks across records name a setting by its last word, or with its section.
      Map<String, Setting> byWord = here.section(Keys.SWEEP);
      byWord.putAll(here.section(Keys.MODEL));
      byWord.putAll(here.section(Keys.TRAINING));
      byWord.put("style", style);
      throw RecordReader.rejected(reason, Keys.SWEEP, byWord);
    }
  }

  private static String readName(Settings settings) {
    Setting name = settings.get(Keys.NAME);
    String wanted = "text without line breaks or other control characters";
    String text = name.scalar(wanted);
    if (text.isBlank() || text.chars().anyMatch(Character::isISOControl)) {
      throw name.invalid("must be " + wanted);
    }
    int bytes =
        ExternalCatalogUtils.escapePathName(name.written()).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES_OF_NAME) {
      throw name.invalid(
          "must be at most %d bytes as the name of a folder, has %d"
              .formatted(MOST_BYTES_OF_NAME, bytes));
    }
    return name.written();
  }

  private static Stopping readStopping(Settings settings) {
    Stopping stopping = RecordReader.read(Stopping.class, Keys.STOPPING, settings);
    String axis = Keys.axisOf(Keys.EPOCHS);
    Setting values = settings.get(settings.has(axis) ? axis : Keys.EPOCHS);
    Setting epochs = RangeReader.isRange(values) ? RangeReader.max(values) : values;
    OptionalInt most =
        epochs.elements().stream()
            .filter(each -> each.is(ConfigValueType.NUMBER))
            .mapToInt(each -> (int) each.as(int.class))
            .max();
    if (stopping.kind() != Stopping.Kind.NONE
        && most.isPresent()
        && stopping.minEpochs() > most.getAsInt()) {
      throw settings
          .get(Keys.MIN_EPOCHS)
          .invalid("must be at most %s = %s".formatted(epochs.key(), epochs.text()));
    }
    return stopping;
  }

  private static CorpusSource readCorpus(Settings settings) {
    var kind = Keys.KINDS.get(settings.get(Keys.CORPUS_KIND).text());
    if (kind == PtbSource.class && isBlank(settings, Keys.CORPUS_PATH)) {
      throw settings.missing(
          Keys.CORPUS_PATH,
          "it is the folder of ptb.train.txt, ptb.valid.txt and ptb.test.txt, from the environment"
              + " variable PTB_DIR (conf/ptb.conf) or --set sweep.corpus.path=FOLDER; the files come in"
              + " simple-examples.tgz, folder simple-examples/data, on Mikolov's rnnlm page"
              + " https://www.fit.vutbr.cz/~imikolov/rnnlm/");
    }
    return (CorpusSource) RecordReader.read(kind, Keys.CORPUS, settings);
  }

  private static boolean isBlank(Settings settings, String key) {
    return !settings.has(key) || settings.get(key).text().isBlank();
  }

  private static List<Axis> readAxes(Settings settings) {
    List<String> first = List.of(Keys.TRUNCATION, Keys.STYLE, Keys.LEARNING_RATE);
    Stream<String> others =
        settings.all().stream()
            .map(Setting::key)
            .filter(Keys::isAxis)
            .filter(key -> !first.contains(key) && !key.equals(Keys.SEED))
            // Not as written: stored as JSON, a conf file has the same candidates.
            .sorted();
    return Stream.of(first.stream(), others, Stream.of(Keys.SEED))
        .flatMap(keys -> keys)
        .filter(key -> settings.has(key) || !key.equals(Keys.TRUNCATION))
        .map(settings::get)
        .map(SweepConfig::axis)
        .toList();
  }

  private static Axis axis(Setting setting) {
    if (setting.key().equals(Keys.TRUNCATION)) { // also pairs that no style uses
      values(setting).forEach(pair -> RecordReader.read(TruncationPair.class, pair));
    }
    return RangeReader.isRange(setting)
        ? new Axis(setting.key(), RangeReader.ends(setting), Optional.of(RangeReader.read(setting)))
        : new Axis(setting.key(), values(setting), Optional.empty());
  }

  /** A grid has no ranges, and a search needs something to choose from. */
  private void requireAxes(Settings settings) {
    if (search.isGrid()) {
      axes.stream()
          .filter(axis -> axis.range().isPresent())
          .findFirst()
          .ifPresent(
              axis -> {
                throw settings
                    .get(axis.key())
                    .invalid(
                        "a grid needs a list of values; for a range set sweep.search.kind = random,"
                            + " sobol or tpe");
              });
    } else if (axes.stream().allMatch(axis -> axis.values().size() == 1)) {
      throw settings
          .get(Keys.SEARCH_KIND)
          .invalid("must be grid: no axis of sweep.grid has several values or a range");
    }
  }

  private static List<Setting> values(Setting axis) {
    return axis.key().equals(Keys.STYLE) ? StyleReader.expand(axis) : axis.elements();
  }
}
